"""The definitions archive: ``CVEs_YYYYMMDD.csv`` with a row for each CVE, update and product.

Columns read: DatePosted, CVE, BulletinKB, Title, AffectedProduct, Severity, Supersedes. Ranges are open and closed by
their update (``module``), as in ``msrc``. The rows of a CVE are not together, so they are gathered as small numbers
first. Rows without a CVE still say what an update supersedes. Linux packages among the products (CBL-Mariner) are not
Windows: their rows count for the CVE, but give no range. Microsoft's own advisories (``ADV240002``) are flaws by that
name.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import AdvisoryRecord, Quarantined, Range, Supersedence
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader
from weakspot.intel.sources.msrc.reader import identity_of, kb_of
from weakspot.runtime.clock import Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

MAX_TABLE_BYTES = 1024 * 1024 * 1024
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ADVISORY = re.compile(r"ADV\d{6}")
_COLUMNS = {"DatePosted", "CVE", "BulletinKB", "Title", "AffectedProduct", "Severity", "Supersedes"}


class _Interned:
    """Texts as small numbers."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.texts: list[str] = []

    def id_of(self, text: str) -> int:
        found = self._ids.get(text)
        if found is None:
            found = self._ids[text] = len(self.texts)
            self.texts.append(text)
        return found


class _Gathered:
    """Head of a CVE, and its (product, update) pairs as one flat array."""

    __slots__ = ("date", "pairs", "severity", "title")

    def __init__(self, date: str, title: str, severity: str) -> None:
        self.date, self.title, self.severity = date, title, severity
        self.pairs = array("I")


class WesngReader(FolderReader):
    """Reads ``wesng/``."""

    source = "wesng"
    pattern = re.compile(r"[\w.-]*definitions[\w.-]*\.zip")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """A record a CVE, then which update contains which."""
        with files.open_archive(path) as archive:
            table = next((i for i in archive.infolist() if re.fullmatch(r"CVEs_\d+\.csv", i.filename)), None)
            if table is None or table.file_size > MAX_TABLE_BYTES:
                raise SourceUnavailable(f"{path.name} has no table named CVEs_YYYYMMDD.csv of a size that is read.")
            with archive.open(table) as stream:
                yield from _read(files.csv_rows(stream, table.filename), table.filename)


def _read(rows: Iterator[dict[str, str]], label: str) -> Iterator[Record]:
    products, updates = _Interned(), _Interned()
    found: dict[str, _Gathered] = {}
    chains: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, 2):
        if number == 2 and not row.keys() >= _COLUMNS:
            raise SourceUnavailable(f"{label} lacks columns: {', '.join(sorted(_COLUMNS - row.keys()))}.")
        kb = kb_of(row["BulletinKB"])
        chains.update((kb[2:], older[2:]) for text in row["Supersedes"].split(";") if kb and (older := kb_of(text)))
        if not row["CVE"].strip():
            continue
        name = names.canonical_name(row["CVE"])
        if not (names.is_cve(name) or _ADVISORY.fullmatch(name)):
            yield Quarantined(name[:100], f"Row {number} names no CVE and no advisory.", str(row)[:500])
            continue
        entry = found.setdefault(name, _Gathered(row["DatePosted"], row["Title"], row["Severity"]))
        if kb and "Mariner" not in row["AffectedComponent"]:
            entry.pairs.extend((products.id_of(row["AffectedProduct"]), updates.id_of(kb)))
    for name, entry in found.items():
        yield _record(name, entry, products.texts, updates.texts)
    for update, older in sorted(chains):
        yield Supersedence(update, older)


def _record(name: str, entry: _Gathered, products: list[str], updates: list[str]) -> AdvisoryRecord:
    pairs = dict.fromkeys(zip(entry.pairs[::2], entry.pairs[1::2], strict=True))
    return AdvisoryRecord(
        record_id=name,
        title=entry.title[:400],
        published_at=_posted_at(entry.date),
        modified_at=None,
        vendor_severity=entry.severity or None,
        url=f"https://msrc.microsoft.com/update-guide/vulnerability/{name}",
        ranges=tuple(Range(*identity_of(products[p]), "0", None, "none", module=updates[u]) for p, u in pairs),
    )


def _posted_at(text: str) -> Micros | None:
    match = _DATE.fullmatch(text.strip())
    try:
        return from_iso("-".join(match.groups())) if match else None
    except ValueError:
        return None
