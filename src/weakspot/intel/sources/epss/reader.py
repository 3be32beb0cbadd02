"""EPSS day files: a comment line ``#model_version:...,score_date:...``, then CSV ``cve,epss,percentile``.

The date in the comment counts; the file's name is only asked where the comment has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import EpssDay, EpssRow, Quarantined
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Part, Record, WantEntry, excerpt
from weakspot.runtime.clock import from_iso
from weakspot.runtime.errors import SourceUnavailable

_FILE = re.compile(r"^epss_scores-(\d{4}-\d{2}-\d{2})\.csv(\.gz)?$")
_MODEL = re.compile(rb"model_version:([^,\s]{1,80})")
_DATE = re.compile(rb"score_date:(\d{4}-\d{2}-\d{2})")


class EpssReader:
    """Reads the day files in ``epss/``, oldest first; the newest day is the one in force."""

    source = "epss"
    version = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def parts(self) -> list[Part]:
        """One part a day."""
        return [
            Part(day[1], path, is_delta=True, data_at=from_iso(day[1])) for path, day in self._days() if day is not None
        ]

    def leftovers(self) -> list[Path]:
        """Files that are not named as the day files are."""
        return [path for path, day in self._days() if day is None]

    def _days(self) -> list[tuple[Path, re.Match[str] | None]]:
        if not self._folder.is_dir():
            return []
        return [(path, _FILE.match(path.name)) for path in sorted(self._folder.iterdir()) if path.is_file()]

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """The day, then its rows. Raises SourceUnavailable where the file is no EPSS file."""
        rows = files.lines(part.path)
        head = next(rows, b"")
        model, date = _MODEL.search(head), _DATE.search(head)
        if head.startswith(b"#"):
            head = next(rows, b"")
        if head.strip().lower() != b"cve,epss,percentile":
            raise SourceUnavailable(f"{part.path.name} is not an EPSS file: its columns are not cve,epss,percentile.")
        yield EpssDay(date[1].decode() if date else part.name, model[1].decode() if model else "")
        seen: set[str] = set()
        for line in rows:
            yield _row(line, seen)


def _row(line: bytes, seen: set[str]) -> Record:
    try:
        cve, probability, percentile = line.decode("ascii").split(",")
        row = EpssRow(cve, float(probability), float(percentile))
    except ValueError:
        return Quarantined(excerpt(line)[:40], "The row is not a CVE and two numbers.", excerpt(line))
    if not names.is_cve(row.name) or not (0 <= row.probability <= 1 and 0 <= row.percentile <= 1):
        return Quarantined(excerpt(line)[:40], "The row is out of range: a CVE id and two numbers 0-1.", excerpt(line))
    if row.name in seen:
        return Quarantined(row.name, "The row repeats a CVE; the first one counts.", excerpt(line))
    seen.add(row.name)
    return row
