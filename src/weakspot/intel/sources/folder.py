"""What most readers share: files of one folder by name, and JSON records in every packing that a mirror may use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import Quarantined
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Part, Record, WantEntry, excerpt
from weakspot.runtime.errors import SourceUnavailable

MAX_JSON_BYTES = 768 * 1024 * 1024


class FolderReader:
    """Reads the files of ``folder`` (and, where ``is_nested``, of its sub-folders) whose relative path matches
    ``pattern``.

    Subclasses say what a file holds in ``records``. ``delta_marks`` are parts of a name that tell a feed of recent
    changes.
    """

    source: str
    version: int = 1
    pattern: re.Pattern[str]
    is_nested: bool = False
    delta_marks: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _files(self) -> Iterator[tuple[str, Path]]:
        if not self._folder.is_dir():
            return
        walk = self._folder.rglob("*") if self.is_nested else self._folder.iterdir()
        for path in sorted(walk):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self._folder).as_posix(), path

    def parts(self) -> list[Part]:
        """Recognised files by name; feeds of changes last."""
        found: list[Part] = []
        for name, path in self._files():
            if self.pattern.fullmatch(name):
                found.append(Part(name, path, any(mark in name for mark in self.delta_marks)))
        return sorted(found, key=lambda part: (part.is_delta, part.name))

    def leftovers(self) -> list[Path]:
        """The other files of the folder."""
        return [path for name, path in self._files() if not self.pattern.fullmatch(name)]

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """Records of one file."""
        yield from self.records(part.path, want)

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """What a file holds."""
        raise NotImplementedError


def json_records(path: Path, want: WantEntry, key: str | None = None) -> Iterator[tuple[str, bytes] | Quarantined]:
    """(label, record) of a JSON file, JSON lines, or a zip of JSON files, plain or gzip.

    ``key``: name of the array that holds the records, where a document is not one record itself; a document without
    that array counts as one record. An entry of a zip that cannot be unpacked is given as refused.
    """
    if path.name.endswith(".zip"):
        yield from _zip_records(path, want, key)
    elif ".jsonl" in path.name or ".ndjson" in path.name:
        for number, line in enumerate(files.lines(path), 1):
            if line.strip():
                yield f"line {number}", line
    else:
        yield from _split(path.name, files.read_whole(path, MAX_JSON_BYTES), key)


def _zip_records(path: Path, want: WantEntry, key: str | None) -> Iterator[tuple[str, bytes] | Quarantined]:
    with files.open_archive(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or not want(info.filename, files.fingerprint(info)):
                continue
            try:
                yield from _split(info.filename, files.read_entry(archive, info), key)
            except files.Refused as error:
                yield Quarantined(info.filename, f"The entry {error}.")
            except SourceUnavailable as error:
                yield Quarantined(info.filename, error.detail)


def _split(label: str, raw: bytes, key: str | None) -> Iterator[tuple[str, bytes]]:
    if key is None and raw.lstrip()[:1] != b"[":
        yield label, raw
        return
    try:
        if key is None:
            items = msgspec.json.decode(raw, type=list[msgspec.Raw])
        else:
            top = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            if key not in top:
                yield label, raw
                return
            items = msgspec.json.decode(top[key], type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SourceUnavailable(f"{label} is not the JSON that was expected: {error}.") from error
    for number, item in enumerate(items, 1):
        yield f"{label} item {number}", bytes(item)


def refuse(label: str, raw: bytes, error: Exception) -> Quarantined:
    """A record that its reader could not make sense of. A ``Refused`` reads on from "The record"."""
    reason = f"The record {error}." if isinstance(error, files.Refused) else f"The record cannot be read: {error}."
    return Quarantined(record_name(raw) or label, reason, excerpt(raw))


def record_name(raw: bytes) -> str:
    """The id that a broken record gives itself, as well as can be told."""
    match = _ID.search(raw[:20_000])
    return match[1].decode("ascii", "replace") if match else ""


_ID = re.compile(rb"\"((?:CVE|GHSA)-[0-9A-Za-z-]{6,40})\"")
