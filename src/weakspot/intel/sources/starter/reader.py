"""The starter file: JSON of our own shape, inside the package.

``{"date", "epss_date", "entries": [{"id", "aliases", "title", "published", "cvss", "url", "exploited_since",
"ransomware", "epss": [probability, percentile], "affected": [[ecosystem, name, introduced, fixed or null], ...]}]}``
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import (
    AdvisoryRecord,
    EpssDay,
    EpssRow,
    EvidenceRecord,
    Range,
    Reference,
    SeverityClaim,
)
from weakspot.intel.sources.base import Part, Record, WantEntry
from weakspot.runtime.clock import from_iso
from weakspot.vocabulary import ecosystems

FILE = Path(__file__).with_name("knowledge.json")


class StarterEntry(msgspec.Struct, omit_defaults=True):
    """One vulnerability. ``affected`` rows: ecosystem, name, introduced ("0": first), fixed (None: no fix)."""

    id: str
    title: str
    url: str
    affected: list[tuple[str, str, str, str | None]]
    aliases: list[str] = []
    published: str | None = None
    cvss: str | None = None
    exploited_since: str | None = None
    ransomware: bool = False
    epss: tuple[float, float] | None = None


class StarterFile(msgspec.Struct):
    """The whole file. Dates are ISO text: of the facts, and of the EPSS scores among them."""

    date: str
    epss_date: str
    entries: list[StarterEntry]


@functools.lru_cache(maxsize=1)
def load() -> StarterFile:
    """The file of this package."""
    return msgspec.json.decode(FILE.read_bytes(), type=StarterFile)


class StarterReader:
    """Reads the file of this package, whatever the mirror folder."""

    source = "starter"
    version = 1

    def parts(self) -> list[Part]:
        """The one file."""
        return [Part("knowledge.json", FILE, data_at=from_iso(load().date))]

    def leftovers(self) -> list[Path]:
        """Nothing: the starter has no folder."""
        return []

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """An advisory for each entry, with its evidence, then the EPSS scores."""
        file = load()
        for entry in file.entries:
            yield from _records(entry)
        yield EpssDay(file.epss_date, "starter")
        for entry in file.entries:
            if entry.epss is not None:
                yield EpssRow(entry.id, *entry.epss)


def _records(entry: StarterEntry) -> Iterator[Record]:
    yield AdvisoryRecord(
        record_id=entry.id,
        title=entry.title,
        aliases=tuple(entry.aliases),
        published_at=from_iso(entry.published) if entry.published else None,
        severities=(SeverityClaim(entry.cvss),) if entry.cvss else (),
        references=(Reference(entry.url, "advisory"),),
        url=entry.url,
        ranges=tuple(
            Range(eco, ecosystems.normalise_name(eco, name), introduced, fixed, "none" if fixed is None else "fixed")
            for eco, name, introduced, fixed in entry.affected
        ),
    )
    if entry.exploited_since:
        yield EvidenceRecord(name=entry.id, kind="known_exploited", since=entry.exploited_since)
    if entry.ransomware:
        yield EvidenceRecord(name=entry.id, kind="ransomware", since=entry.exploited_since)
