"""apk databases to inventories."""

from __future__ import annotations

import re

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import Gathering, ReadInventory, device_named, stem
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import inferred

_CHECKSUM = re.compile(r"^C:Q1\S+$", re.MULTILINE)
_NAME = re.compile(r"^P:\S+$", re.MULTILINE)
_WANTED = frozenset("PVAom")


def recognises(document: Document) -> bool:
    """A checksum and a name near its beginning."""
    head = document.text[:200_000]
    return _CHECKSUM.search(head) is not None and _NAME.search(head) is not None


def read(document: Document) -> list[ReadInventory]:
    """One device, named as the file."""
    gathering = Gathering()
    record: dict[str, str] = {}
    for line in [*document.lines, ""]:
        if not line:
            if record:
                _add(gathering, record)
            record = {}
        elif line[1:2] == ":" and line[0] in _WANTED:
            record.setdefault(line[0], line[2:].strip())
    told = inferred(gathering.items)
    system = OperatingSystem(platform="Linux", distribution="alpine")
    if told is not None:
        system, by = told
        gathering.notes.append(f"the release was concluded from {by}")
    return [gathering.inventory(device_named(stem(document.name), system))]


def _add(gathering: Gathering, record: dict[str, str]) -> None:
    name, version = record.get("P", ""), record.get("V", "")
    if not version:
        gathering.refuse(name, version, "has no version")
        return
    gathering.add(
        "apk",
        name,
        version,
        architecture=record.get("A", ""),
        source_name=record.get("o", "") or name,
        source_version=version,
        vendor=record.get("m", ""),
    )
