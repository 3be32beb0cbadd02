"""Files of the Ubuntu CVE tracker: one text file a CVE, ``Field: value`` lines with indented continuations.

Status lines are ``<release>[/<pocket>]_<source>: <status> [(<note>)]``, also ``esm-infra/xenial_openssl``. Read:
``released`` (note: fixed version), ``needed``, ``pending``, ``deferred``, ``ignored``, ``needs-triage``. ``DNE`` and
``not-affected`` claim nothing. Releases that are not known by name (``upstream``, ``devel``, products) are passed
over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import AdvisoryRecord, AffectedStatus, Quarantined, Range, Reference
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry, excerpt
from weakspot.intel.sources.folder import FolderReader
from weakspot.runtime.clock import Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

RELEASES = {
    "trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "mantic": "23.10",
    "noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10", "resolute": "26.04",
}  # fmt: skip
_STATUS = re.compile(
    r"^(?:(?P<pocket>esm-[a-z]+(?:-legacy)?|ubuntu-pro)/)?(?P<release>[a-z]+)(?:/(?P<esm>esm))?_(?P<package>[a-z0-9][a-z0-9+.-]*):"
    r"\s*(?P<status>[a-z-]+)(?:\s+\((?P<note>[^)]*)\))?"
)
_FIELD = re.compile(r"^([A-Z][A-Za-z_-]*):\s*(.*)$")
_OPEN: dict[str, AffectedStatus] = {
    "needed": "affected",
    "pending": "affected",
    "deferred": "affected",
    "active": "affected",
    "ignored": "wont_fix",
    "needs-triage": "under_investigation",
}
MAX_FILE_BYTES = 4 * 1024 * 1024


class UbuntuReader(FolderReader):
    """Reads ``ubuntu/``: a checkout of the tracker, or a zip of it."""

    source = "ubuntu"
    pattern = re.compile(r"(?:.*/)?CVE-\d{4}-\d{4,}|[\w.-]+\.zip")
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """A record a file."""
        if not path.name.endswith(".zip"):
            yield _read(path.name, files.read_whole(path, MAX_FILE_BYTES))
            return
        with files.open_archive(path) as archive:
            for info in archive.infolist():
                label = info.filename.rpartition("/")[2]
                if not names.is_cve(label) or not want(info.filename, files.fingerprint(info)):
                    continue
                try:
                    yield _read(label, files.read_entry(archive, info))
                except (files.Refused, SourceUnavailable) as error:
                    yield Quarantined(label, f"The entry {error}.")


def _read(label: str, raw: bytes) -> Record:
    fields, lines = _parse(raw.decode("utf-8", "replace"))
    name = names.canonical_name(fields.get("Candidate", ""))
    if not names.is_cve(name):
        return Quarantined(label, "The record has no Candidate line with a CVE id.", excerpt(raw))
    return AdvisoryRecord(
        record_id=name,
        description=(fields.get("Ubuntu-Description") or fields.get("Description", ""))[:4000],
        published_at=_moment(fields.get("PublicDate", "")),
        vendor_severity=fields.get("Priority", "").partition(" ")[0] or None,
        references=tuple(Reference(url) for url in fields.get("References", "").split() if url.startswith("http"))[:40],
        url=f"https://ubuntu.com/security/{name}",
        ranges=tuple(dict.fromkeys(item for line in lines for item in _ranges(line))),
    )


def _parse(text: str) -> tuple[dict[str, str], list[str]]:
    """Fields with their continuation lines, and the status lines."""
    fields: dict[str, str] = {}
    statuses: list[str] = []
    current = ""
    for line in text.splitlines():
        if line[:1].isspace() and current:
            fields[current] = f"{fields[current]} {line.strip()}".strip()
        elif match := _FIELD.match(line):
            current = match[1]
            fields.setdefault(current, match[2].strip())
        else:
            current = ""
            statuses.append(line)
    return fields, statuses


def _ranges(line: str) -> Iterator[Range]:
    match = _STATUS.match(line)
    if match is None or match["release"] not in RELEASES:
        return
    release = RELEASES[match["release"]]
    ecosystem = f"Ubuntu:Pro:{release}" if match["pocket"] or match["esm"] else f"Ubuntu:{release}"
    status, note = match["status"], (match["note"] or "").strip()
    if status == "released" and note and " " not in note:
        yield Range(ecosystem, match["package"], "0", note, "fixed")
    elif status in _OPEN:
        yield Range(ecosystem, match["package"], "0", None, "none", status=_OPEN[status])


def _moment(text: str) -> Micros | None:
    """``2023-01-17 20:15:00 UTC`` or a date."""
    try:
        return from_iso(text[:10]) if text else None
    except ValueError:
        return None
