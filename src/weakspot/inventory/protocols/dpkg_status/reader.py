"""dpkg status files to inventories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import Gathering, ReadInventory, device_named, stem
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import inferred

_WANTED = frozenset({"Package", "Status", "Version", "Architecture", "Source", "Maintainer"})
_ABSENT = frozenset({"not-installed", "config-files"})
_SOURCE = re.compile(r"([^\s(]+)\s*(?:\(([^)]*)\))?")
_STANZA = re.compile(r"^Package: \S+$", re.MULTILINE)
_VERSION = re.compile(r"^Version: \S+$", re.MULTILINE)

Stanza = dict[str, str]


def recognises(document: Document) -> bool:
    """A stanza with a package and a version near its beginning."""
    head = document.text[:200_000]
    return _STANZA.search(head) is not None and _VERSION.search(head) is not None


def read(document: Document) -> list[ReadInventory]:
    """One device, named as the file."""
    gathering = Gathering()
    for stanza in stanzas(document.lines):
        _add(gathering, stanza)
    system = OperatingSystem(platform="Linux")
    told = inferred(gathering.items)
    if told is not None:
        system, by = told
        gathering.notes.append(f"the release was concluded from {by}")
    return [gathering.inventory(device_named(stem(document.name), system))]


def stanzas(lines: Iterable[str]) -> Iterator[Stanza]:
    """Paragraphs of a control file, with the fields that are read; continued lines belong to fields that are not."""
    stanza: Stanza = {}
    for line in lines:
        if not line.strip():
            if stanza:
                yield stanza
                stanza = {}
        elif line[0] not in " \t#":
            name, colon, value = line.partition(":")
            if colon and name in _WANTED:
                stanza[name] = value.strip()
    if stanza:
        yield stanza


def _add(gathering: Gathering, stanza: Stanza) -> None:
    name, version = stanza.get("Package", ""), stanza.get("Version", "")
    state = stanza.get("Status", "install ok installed").split()
    if len(state) != 3:
        gathering.refuse(name, version, f"has a status that cannot be read ({' '.join(state)!r})")
    elif state[2] in _ABSENT:
        gathering.refuse(name, version, f"is not installed (status {state[2]})")
    elif not version:
        gathering.refuse(name, version, "has no version")
    else:
        source = _SOURCE.match(stanza.get("Source", ""))
        gathering.add(
            "dpkg",
            name,
            version,
            architecture=stanza.get("Architecture", ""),
            source_name=source[1] if source else name,
            source_version=(source[2] if source else "") or version,
            vendor=stanza.get("Maintainer", ""),
        )
