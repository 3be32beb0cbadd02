"""Run the matching on labelled cases and count.

A case is a YAML file: ``ecosystem`` (the group it is counted in), ``advisories`` (OSV records, minimal, written by
hand; also ``tracker``, ``vex`` and ``packages``: package indexes by release), ``inventory`` (any form that
``weakspot match`` reads) and ``expected``:
``{"software vulnerability": true | false}``. What is labelled true has to be found, what is labelled false must not be;
anything found without a label is an error of the case.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from weakspot import intel, workflows
from weakspot.intel import Progress
from weakspot.intel.sources.base import Part, Record, WantEntry
from weakspot.intel.sources.debian.reader import _package as tracker_package
from weakspot.intel.sources.osv.reader import decode
from weakspot.intel.sources.vex.reader import read as read_vex
from weakspot.inventory import protocols
from weakspot.inventory.protocols import Document
from weakspot.matching import DEFAULT_THRESHOLD
from weakspot.runtime.database import Database, metadata, sqlite_url
from weakspot.workflows import Assessor, Services

CASES = Path(__file__).parent / "cases"


class Score(msgspec.Struct, frozen=True):
    """Counts and what follows from them, of one ecosystem or of all."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1.0 when nothing was found."""
        found = self.true_positives + self.false_positives
        return self.true_positives / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1.0 when nothing is there."""
        there = self.true_positives + self.false_negatives
        return self.true_positives / there if there else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def as_data(self) -> dict[str, float | int]:
        """For the committed file."""
        values = msgspec.structs.asdict(self)
        return values | {name: round(getattr(self, name), 4) for name in ("precision", "recall", "f1")}


class Outcome(msgspec.Struct, frozen=True):
    """One label of one case, and what was found."""

    case: str
    ecosystem: str
    pair: str
    is_expected: bool
    is_found: bool


class _Given:
    version = 1

    def __init__(self, source: str, records: list[Record], folder: Path) -> None:
        self.source = source
        self._records = records
        self._path = folder / source
        self._path.write_text(repr(records), "utf-8")

    def parts(self) -> list[Part]:
        return [Part("given", self._path)]

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        if want(part.name, "given"):
            yield from self._records

    def leftovers(self) -> list[Path]:
        return []


def cases() -> list[Path]:
    """The labelled cases, by name."""
    return sorted(CASES.glob("*.yaml"))


def run(path: Path) -> list[Outcome]:
    """Every label of a case, and every finding without one. Raises AssertionError for a case that cannot be right."""
    case = yaml.safe_load(path.read_text("utf-8"))
    found = set(_findings(case))
    expected: dict[str, bool] = case["expected"]
    unlabelled = found - expected.keys()
    assert not unlabelled, f"{path.name} has no label for {sorted(unlabelled)}"
    return [Outcome(path.stem, case["ecosystem"], pair, label, pair in found) for pair, label in expected.items()]


def scores(outcomes: Iterable[Outcome]) -> dict[str, Score]:
    """Ecosystem -> score; ``all`` for the whole."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for outcome in outcomes:
        place = {(True, True): 0, (False, True): 1, (True, False): 2}.get((outcome.is_expected, outcome.is_found))
        for name in (outcome.ecosystem, "all"):
            counted = counts[name]
            if place is not None:
                counted[place] += 1
    return {name: Score(*counted) for name, counted in sorted(counts.items())}


def _findings(case: dict[str, Any]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="quality-") as name:
        folder = Path(name)
        database = Database(sqlite_url(folder / "case.db"))
        try:
            database.write(lambda conn: metadata.create_all(conn))
            _know(Services(database, folder), folder, case)
            with database.read() as conn:
                assessor = Assessor(conn, threshold=DEFAULT_THRESHOLD, is_brief=True)
                for inventory in protocols.read(_document(case["inventory"])):
                    for item in assessor.assess(inventory.device, inventory.software).findings:
                        yield f"{item.software.name} {item.vulnerability.facts.name}"
        finally:
            database.close()


def _know(services: Services, folder: Path, case: dict[str, Any]) -> None:
    records: dict[str, list[Record]] = {
        "osv": [decode(json.dumps(record).encode()) for record in case.get("advisories", [])],
        "debian": [r for package, flaws in case.get("tracker", {}).items() for r in tracker_package(package, flaws)],
        "vex": [r for document in case.get("vex", []) for r in read_vex(document, "vex.json")],
    }
    for release, index in case.get("packages", {}).items():
        place = folder / "mirror" / "packages-index" / release / "Packages"
        place.parent.mkdir(parents=True)
        place.write_text(index, "utf-8")
    intel.read_package_indexes(services.database, folder / "mirror", services.clock)
    readers = [(source, _maker(_Given(source, some, folder))) for source, some in records.items() if some]
    for outcome in workflows.apply_knowledge(services, readers, lambda *_: None):
        assert outcome.status == "succeeded", outcome


def _maker(reader: _Given) -> Callable[[Progress], _Given]:
    return lambda _progress: reader


def _document(inventory: Any) -> Document:
    text = inventory if isinstance(inventory, str) else json.dumps(inventory)
    return Document(text.encode(), "case")
