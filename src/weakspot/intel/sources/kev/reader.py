"""CISA's catalogue as JSON (its schema: known_exploited_vulnerabilities_schema.json at the same address).

Each entry becomes two things: evidence that the CVE is exploited (and used by ransomware where the catalogue says
so), and a record of the CVE that carries its name, the required action and the due date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, EvidenceRecord, Mitigation, Quarantined, Reference
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Part, Record, WantEntry, excerpt
from weakspot.runtime.clock import Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

_PREFIX = "known_exploited_vulnerabilities"
_SUFFIXES = (".json", ".json.gz")
_MAX_BYTES = 128 * 1024 * 1024


class _Entry(msgspec.Struct, rename="camel"):
    cve_id: str = msgspec.field(name="cveID")
    date_added: str
    vulnerability_name: str = ""
    vendor_project: str = ""
    product: str = ""
    short_description: str = ""
    required_action: str = ""
    due_date: str = ""
    known_ransomware_campaign_use: str = ""
    notes: str = ""
    cwes: list[str] | None = None


class _Catalogue(msgspec.Struct, rename="camel"):
    vulnerabilities: list[msgspec.Raw]
    catalog_version: str = ""
    date_released: str = ""


_decoder: msgspec.json.Decoder[_Catalogue] = msgspec.json.Decoder(_Catalogue)
_entry_decoder: msgspec.json.Decoder[_Entry] = msgspec.json.Decoder(_Entry)


class KevReader:
    """Reads the newest catalogue in ``kev/``; older copies beside it are left alone."""

    source = "kev"
    version = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _catalogues(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        named = (
            path for path in self._folder.iterdir() if path.name.startswith(_PREFIX) and "_schema" not in path.name
        )
        return sorted(path for path in named if path.name.endswith(_SUFFIXES))

    def parts(self) -> list[Part]:
        """The newest catalogue, by the release date it names; the part's name does not depend on the file's."""
        best: tuple[Micros, str, Path] | None = None
        for path in self._catalogues():
            released = _released_at(path)
            if best is None or (released, path.name) > best[:2]:
                best = (released, path.name, path)
        return [] if best is None else [Part("catalogue", best[2], data_at=best[0] or None)]

    def leftovers(self) -> list[Path]:
        """Files that are neither a catalogue nor its schema."""
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if not path.name.startswith(_PREFIX))

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """Evidence and a record for each entry."""
        catalogue = _load(part.path)
        for number, raw in enumerate(catalogue.vulnerabilities, 1):
            try:
                yield from _records(files.decode_json(raw, _entry_decoder))
            except (files.Refused, ValueError) as error:
                yield Quarantined(f"entry {number}", f"The entry {error}.", excerpt(bytes(raw)))


def _load(path: Path) -> _Catalogue:
    try:
        return _decoder.decode(files.read_whole(path, _MAX_BYTES))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SourceUnavailable(f"{path.name} is not a KEV catalogue: {error}.") from error


def _released_at(path: Path) -> Micros:
    try:
        catalogue = _load(path)
        return from_iso(catalogue.date_released or catalogue.catalog_version.replace(".", "-"))
    except (SourceUnavailable, ValueError):
        return 0  # it may still be the only one; reading it tells what is wrong


def _records(entry: _Entry) -> Iterator[Record]:
    name = names.canonical_name(entry.cve_id)
    if not names.is_cve(name):
        raise files.Refused(f"has no CVE id: {entry.cve_id[:40]!r}")
    added_at = from_iso(entry.date_added)
    is_ransomware = entry.known_ransomware_campaign_use.strip().lower() == "known"
    details = {"required_action": entry.required_action[:2000], "due_on": entry.due_date[:10]}
    yield EvidenceRecord(name=name, kind="known_exploited", since=entry.date_added[:10], details=details)
    if is_ransomware:
        yield EvidenceRecord(name=name, kind="ransomware", since=entry.date_added[:10])
    yield AdvisoryRecord(
        record_id=name,
        title=entry.vulnerability_name[:400],
        description=entry.short_description[:4000],
        modified_at=added_at,
        cwes=tuple(cwe[:20] for cwe in entry.cwes or ()),
        references=tuple(Reference(url) for url in _urls(entry.notes)),
        mitigations=(Mitigation("required_action", entry.required_action[:2000], "", entry.due_date[:10] or None),),
        url=f"https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext={name}",
    )


def _urls(notes: str) -> list[str]:
    words = (word.strip(";,") for word in notes.split())
    return [word[:1000] for word in words if word.startswith(("https://", "http://"))][:20]
