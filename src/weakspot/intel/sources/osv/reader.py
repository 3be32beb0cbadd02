"""OSV records (OSV schema 1.x, https://ossf.github.io/osv-schema/) in zips, single files and JSON lines.

Read: id, summary, details, the dates, aliases, related and upstream, severity (also per package), affected with its
ranges, events and versions, references, and of the free-form parts Debian's urgency, GitHub's severity and CWEs, and
RustSec's informational mark. Ranges of type GIT are not about versions and are left out. Unknown fields are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, AffectedStatus, Quarantined, Range, Reference, SeverityClaim
from weakspot.intel.rules import names, ranges
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Part, Record, WantEntry, excerpt
from weakspot.runtime.clock import Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable
from weakspot.vocabulary import ecosystems

PAGE = "https://osv.dev/vulnerability/"
MAX_DESCRIPTION = 4_000
MAX_REFERENCES = 40
MAX_IDS = 2_000
_SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


class _Severity(msgspec.Struct):
    type: str = ""
    score: str = ""


class _Package(msgspec.Struct):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct):
    type: str = ""
    events: list[dict[str, str]] | None = None


class _EcosystemSpecific(msgspec.Struct):
    urgency: object = None


class _AffectedSpecific(msgspec.Struct):
    informational: object = None


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list[_Severity] | None = None
    ecosystem_specific: _EcosystemSpecific | None = None
    database_specific: _AffectedSpecific | None = None


class _Reference(msgspec.Struct):
    url: str = ""
    type: str = "WEB"


class _Specific(msgspec.Struct):
    severity: object = None
    cwe_ids: object = None


class OsvRecord(msgspec.Struct):
    """The fields that are read of an OSV record."""

    id: str
    summary: str | None = None
    details: str | None = None
    published: str | None = None
    modified: str | None = None
    withdrawn: str | None = None
    aliases: list[str] | None = None
    related: list[str] | None = None
    upstream: list[str] | None = None
    severity: list[_Severity] | None = None
    affected: list[_Affected] | None = None
    references: list[_Reference] | None = None
    database_specific: _Specific | None = None


_decoder: msgspec.json.Decoder[OsvRecord] = msgspec.json.Decoder(OsvRecord)
_STATUS: dict[object, AffectedStatus] = {"unimportant": "unimportant", "end-of-life": "end_of_life"}
_VENDOR_WORD = re.compile(r"^(Critical|Important|Moderate|Low):\s")
_MODULE = re.compile(r"\b([a-z][\w.+-]*:[\w.+-]+)")
_EARLIEST: Micros = from_iso("1988-01-01")
_SPECIAL = frozenset({"unmaintained", "notice"})
_CVE_PAGE = re.compile(r"https://access\.redhat\.com/security/cve/(CVE-\d{4}-\d{4,19})", re.IGNORECASE)


def decode(raw: bytes, page: str = PAGE) -> AdvisoryRecord:
    """One record. ``page``: where people can read it, before its id; empty: nowhere. Raises files.Refused."""
    record: OsvRecord = files.decode_json(raw, _decoder)
    own = names.canonical_name(record.id)
    if not names.is_usable(own):
        raise files.Refused(f"has no usable id: {record.id[:60]!r}")
    try:
        return _normalise(own, record, page)
    except ValueError as error:
        raise files.Refused(str(error)) from error


def _normalise(own: str, record: OsvRecord, page: str) -> AdvisoryRecord:
    affected = record.affected or []
    text = record.summary or ""
    specific = record.database_specific or _Specific()
    return AdvisoryRecord(
        record_id=own,
        title=_VENDOR_WORD.sub("", text)[:400],
        description=(record.details or "")[:MAX_DESCRIPTION],
        published_at=_moment(record.published),
        modified_at=_moment(record.modified),
        withdrawn_at=_moment(record.withdrawn),
        aliases=_ids(record.aliases),
        about=_about(own, record),
        severities=_severities(record, affected),
        vendor_severity=_vendor_severity(text, specific, affected),
        cwes=_cwes(specific.cwe_ids),
        references=_references(record.references or []),
        url=f"{page}{own}" if page else None,
        ranges=tuple(_ranges(own, text, affected)),
    )


def _moment(text: str | None) -> Micros | None:
    """A date before 1988 stands for "not known" (some exports write the year 1)."""
    if not text:
        return None
    at = from_iso(text)
    return at if at >= _EARLIEST else None


def _ids(values: list[str] | None) -> tuple[str, ...]:
    return tuple(values[:MAX_IDS]) if values else ()


def _about(own: str, record: OsvRecord) -> tuple[str, ...]:
    """``related`` names covered flaws only in a notice; elsewhere it is "see also".

    AlmaLinux sometimes leaves it empty or short, and names the flaws only by the reports that it refers to.
    """
    if not names.is_notice(own):
        return _ids(record.upstream)
    told = _ids(record.upstream) + _ids(record.related)
    return tuple(dict.fromkeys(told + _reported(record.references or [])))


def _reported(references: Sequence[_Reference]) -> tuple[str, ...]:
    """Flaws whose pages at Red Hat a notice names as reports."""
    pages = (_CVE_PAGE.fullmatch(item.url) for item in references[:MAX_IDS] if item.type == "REPORT")
    return tuple(dict.fromkeys(names.canonical_name(page[1]) for page in pages if page))


def _severities(record: OsvRecord, affected: Sequence[_Affected]) -> tuple[SeverityClaim, ...]:
    lists = [record.severity or [], *(item.severity or [] for item in affected)]
    found = {
        item.score: SeverityClaim(item.score[:400]) for some in lists for item in some if item.type.startswith("CVSS")
    }
    return tuple(found.values())[:8]


def _vendor_severity(summary: str, specific: _Specific, affected: Sequence[_Affected]) -> str | None:
    if isinstance(specific.severity, str):
        return specific.severity[:40]
    if match := _VENDOR_WORD.match(summary):
        return match[1]
    marks = [item.database_specific.informational for item in affected if item.database_specific is not None]
    if marks and all(isinstance(mark, str) and mark in _SPECIAL for mark in marks):
        return "informational"
    return None


def _cwes(values: object) -> tuple[str, ...]:
    return tuple(str(value)[:20] for value in values[:50]) if isinstance(values, list) else ()


def _references(items: Sequence[_Reference]) -> tuple[Reference, ...]:
    web = (item for item in items if item.url.startswith(("https://", "http://")) and len(item.url) <= 1000)
    found = {item.url: Reference(item.url, item.type.lower()[:20]) for item in web}
    return tuple(found.values())[:MAX_REFERENCES]


def _ranges(own: str, summary: str, affected: Sequence[_Affected]) -> Iterator[Range]:
    for item in affected:
        if item.package is None or not item.package.ecosystem or not item.package.name:
            continue
        ecosystem = ecosystems.canonical(item.package.ecosystem)
        name = ecosystems.normalise_name(ecosystem, item.package.name)
        events = [[_event(e) for e in r.events or []] for r in item.ranges or [] if r.type != "GIT"]
        urgency = item.ecosystem_specific.urgency if item.ecosystem_specific else None
        status = _STATUS.get(urgency, "affected") if isinstance(urgency, str) else "affected"
        module = _module(own, summary, events)
        yield from ranges.build(ecosystem, name, events, item.versions or [], status=status, module=module)


def _event(event: dict[str, str]) -> ranges.Event:
    for kind in ("introduced", "fixed", "last_affected", "limit"):
        if kind in event:
            return kind, event[kind]
    raise ValueError(f"has an event of an unknown kind: {', '.join(sorted(event))[:60]!r}")


def _module(own: str, summary: str, events: Sequence[Sequence[ranges.Event]]) -> str:
    """rpm module streams are not in the schema: builds tell by ``.module``, the summary names the stream."""
    if not names.is_notice(own) or not any(".module" in version for some in events for _, version in some):
        return ""
    match = _MODULE.search(_VENDOR_WORD.sub("", summary))
    return match[1] if match else "module"


class OsvReader:
    """Reads ``<folder>/<Ecosystem>/all.zip`` and OSV files beside it."""

    version = 2

    def __init__(self, folder: Path, source: str = "osv", *, is_nested: bool = True, page: str = PAGE) -> None:
        self.source = source
        self._page = page
        self._folder = folder
        self._is_nested = is_nested

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        found = [path for path in self._folder.iterdir() if path.is_file() and path.name[0] != "."]
        if self._is_nested:
            for folder in self._folder.iterdir():
                if folder.is_dir():
                    found.extend(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
        return sorted(found)

    def parts(self) -> list[Part]:
        """Zips first: a single file beside them is somebody's newer word."""
        known = [path for path in self._files() if _is_zip(path) or path.name.endswith(_SUFFIXES)]
        known.sort(key=lambda path: (not _is_zip(path), path))
        return [Part(path.relative_to(self._folder).as_posix(), path) for path in known]

    def leftovers(self) -> list[Path]:
        """Files beside the recognised ones."""
        return [path for path in self._files() if not _is_zip(path) and not path.name.endswith(_SUFFIXES)]

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """Records of one file."""
        if _is_zip(part.path):
            yield from _read_zip(part.path, want, self._page)
        elif part.path.name.endswith((".json", ".json.gz")):
            yield from _read_document(part.path, self._page)
        else:
            for number, line in enumerate(files.lines(part.path), 1):
                if line.strip():
                    yield _decode_or_refuse(line, f"line {number}", self._page)


def _is_zip(path: Path) -> bool:
    return path.name.endswith(".zip")


def _read_zip(path: Path, want: WantEntry, page: str) -> Iterator[Record]:
    with files.open_archive(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or not want(info.filename, files.fingerprint(info)):
                continue
            if not info.filename.endswith(".json") or not files.is_safe_name(info.filename):
                yield Quarantined(info.filename, "The entry is not an OSV file (.json).")
                continue
            try:
                raw = files.read_entry(archive, info)
            except files.Refused as error:
                yield Quarantined(info.filename, f"The entry {error}.")
                continue
            yield _decode_or_refuse(raw, info.filename, page)


def _read_document(path: Path, page: str) -> Iterator[Record]:
    """One record, or a list of records."""
    raw = files.read_whole(path, files.MAX_ENTRY_BYTES)
    if raw.lstrip()[:1] != b"[":
        yield _decode_or_refuse(raw, path.name, page)
        return
    try:
        items: list[msgspec.Raw] = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SourceUnavailable(f"{path.name} is not JSON: {error}.") from error
    for number, item in enumerate(items, 1):
        yield _decode_or_refuse(bytes(item), f"{path.name} item {number}", page)


def _decode_or_refuse(raw: bytes, name: str, page: str) -> AdvisoryRecord | Quarantined:
    try:
        return decode(raw, page)
    except files.Refused as error:
        return Quarantined(_id_of(raw) or name, f"The record {error}.", excerpt(raw))


def _id_of(raw: bytes) -> str:
    try:
        head: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    return str(head.get("id", ""))[:120]
