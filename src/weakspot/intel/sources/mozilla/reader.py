"""MFSA files (YAML): ``announced``, ``impact``, ``fixed_in`` (``Firefox ESR 102.6``), ``advisories`` by CVE.

Each CVE of a notice becomes a record of its own with the releases that the notice says fix it. ESR is a product of
its own (``mozilla:firefox_esr``), since its versions run beside those of the main line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from weakspot.intel.contracts import AdvisoryRecord, Quarantined, Range
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry, excerpt
from weakspot.intel.sources.folder import FolderReader
from weakspot.intel.sources.msrc.reader import plain
from weakspot.runtime.clock import Micros, from_datetime
from weakspot.vocabulary.ecosystems import CPE

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_DEPTH_MARKS = 2_000
_FILE = re.compile(r"(?:.*/)?(mfsa\d{4}-\d+)\.yml")
_FIXED = re.compile(r"^(?P<product>[A-Za-z][A-Za-z .-]*?)\s+(?P<version>\d[\w.]*)$")
_PRODUCTS = {
    "firefox": "mozilla:firefox",
    "firefox esr": "mozilla:firefox_esr",
    "thunderbird": "mozilla:thunderbird",
    "thunderbird esr": "mozilla:thunderbird_esr",
    "seamonkey": "mozilla:seamonkey",
    "firefox for ios": "mozilla:firefox_for_ios",
    "focus for ios": "mozilla:firefox_focus",
    "mozilla vpn": "mozilla:vpn",
}
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class MozillaReader(FolderReader):
    """Reads ``mozilla/``: a checkout, or a zip of it."""

    source = "mozilla"
    pattern = re.compile(r"(?:.*/)?mfsa\d{4}-\d+\.yml|[\w.-]+\.zip")
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """A record for each CVE of each notice."""
        if not path.name.endswith(".zip"):
            yield from _read(path.name, files.read_whole(path, MAX_FILE_BYTES))
            return
        with files.open_archive(path) as archive:
            for info in archive.infolist():
                if not _FILE.fullmatch(info.filename) or not want(info.filename, files.fingerprint(info)):
                    continue
                try:
                    yield from _read(info.filename, files.read_entry(archive, info))
                except files.Refused as error:
                    yield Quarantined(info.filename, f"The entry {error}.")


def _read(label: str, raw: bytes) -> Iterator[Record]:
    match = _FILE.fullmatch(label)
    notice = match[1] if match else label
    try:
        if raw.count(b"{") + raw.count(b"[") + raw.count(b"&") > MAX_DEPTH_MARKS or len(raw) > MAX_FILE_BYTES:
            raise files.Refused("is too large or too deep")
        document = yaml.load(raw, Loader=_loader)  # noqa: S506 - a safe loader, in C where it is there
        found = list(_records(notice, document))
    except (yaml.YAMLError, files.Refused, ValueError, RecursionError) as error:
        yield Quarantined(notice, f"The notice cannot be read: {' '.join(str(error).split())[:200]}", excerpt(raw))
        return
    yield from found


def _records(notice: str, document: Any) -> Iterator[AdvisoryRecord]:
    if not isinstance(document, dict) or not isinstance(document.get("advisories", {}), dict):
        raise files.Refused("is not a mapping with advisories")
    fixed_in = document.get("fixed_in") or []
    ranges = tuple(dict.fromkeys(item for text in fixed_in for item in _ranges(str(text))))
    for key, item in (document.get("advisories") or {}).items():
        name = names.canonical_name(str(key))
        told = item if isinstance(item, dict) else {}
        yield AdvisoryRecord(
            record_id=f"{name} {notice}",
            name=name if names.is_usable(name) else notice,
            title=plain(str(told.get("title") or ""))[:400],
            description=plain(str(told.get("description") or ""))[:4000],
            published_at=_announced_at(str(document.get("announced") or "")),
            vendor_severity=str(told.get("impact") or document.get("impact") or "")[:40] or None,
            url=f"https://www.mozilla.org/security/advisories/{notice}/",
            ranges=ranges,
        )


def _ranges(text: str) -> Iterator[Range]:
    match = _FIXED.match(text.strip())
    identity = _PRODUCTS.get(match["product"].lower()) if match else None
    if match and identity:
        yield Range(CPE, identity, "0", match["version"], "fixed")


def _announced_at(text: str) -> Micros | None:
    """``December 13, 2022``."""

    match = re.fullmatch(r"([A-Za-z]+) (\d{1,2}), (\d{4})", text.strip())
    if match is None or match[1].lower() not in _MONTHS:
        return None
    try:
        day = dt.datetime(int(match[3]), _MONTHS.index(match[1].lower()) + 1, int(match[2]), tzinfo=dt.UTC)
    except ValueError:
        return None
    return from_datetime(day)
