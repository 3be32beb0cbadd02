"""secdb files: a branch's repository, its packages (origins), and for each fixed build the ids it fixed.

A build fixes everything before it. The version ``0`` means that the package was never affected: no range. An id may
be followed by words (``CVE-2020-1234 (+ regression)``); what is not an id of a flaw (XSA-, ...) is kept as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, Quarantined, Range
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse


class _Package(msgspec.Struct):
    name: str
    secfixes: dict[str, list[str] | None] = {}


class _Item(msgspec.Struct):
    pkg: _Package


class _Repository(msgspec.Struct):
    distroversion: str
    packages: list[_Item]
    reponame: str = ""


_decoder: msgspec.json.Decoder[_Repository] = msgspec.json.Decoder(_Repository)
_NEVER = "0"


class AlpineReader(FolderReader):
    """Reads ``alpine/``."""

    source = "alpine"
    version = 2
    pattern = re.compile(r"[\w./-]+\.(?:json|zip)(?:\.gz)?")
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """One record for each flaw in each repository."""
        for item in json_records(path, want):
            if isinstance(item, Quarantined):
                yield item
                continue
            try:
                repository: _Repository = files.decode_json(item[1], _decoder)
            except files.Refused as error:
                yield refuse(*item, error)
                continue
            yield from _records(repository)


def _records(repository: _Repository) -> Iterator[Record]:
    ecosystem = f"Alpine:{repository.distroversion}"
    ranges: defaultdict[str, list[Range]] = defaultdict(list)
    place = f"{repository.distroversion}/{repository.reponame}"
    for item in repository.packages:
        for fixed, ids in item.pkg.secfixes.items():
            for name in _ids(ids or ()) if fixed != _NEVER else ():
                ranges[name].append(Range(ecosystem, item.pkg.name, "0", fixed, "fixed"))
    for name, found in ranges.items():
        if not names.is_usable(name):
            packages = ", ".join(one.name for one in found)
            yield Quarantined(f"{name} {place}"[:200], "This is no id of a flaw; the fix is not taken.", packages[:500])
            continue
        yield AdvisoryRecord(
            record_id=f"{name} {place}",
            name=name,
            url=f"https://security.alpinelinux.org/vuln/{name}",
            ranges=tuple(dict.fromkeys(found)),
        )


def _ids(texts: Iterable[str]) -> Iterator[str]:
    """Words that are meant as an id: with a dash and a digit; others are remarks."""
    for text in texts:
        for word in text.split():
            name = names.canonical_name(word.strip(",;()"))
            if name[:1].isalnum() and "-" in name and any(c.isdigit() for c in name):
                yield name
