"""``systeminfo`` texts and their companions to inventories."""

from __future__ import annotations

import re
from collections.abc import Iterable

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols import windows
from weakspot.inventory.protocols.base import Gathering, ReadInventory, device_named, stem
from weakspot.inventory.protocols.documents import Document

_VERSION = re.compile(
    r"^[^:\n]{1,80}?\s*[:\uff1a]\s*(?P<build>\d{1,2}\.\d{1,2}\.\d{4,5})\b(?P<rest>.*?)(?P<number>\d{4,5})\s*$"
)
_HOTFIX = re.compile(r"^\s*\[\d+\]\s*[:\uff1a]\s*(?:File \d+\s*$)?(?P<id>(?:KB|Q)\d{5,8})\b", re.IGNORECASE)
_TYPE = re.compile(r"[:\uff1a]\s*(x64|X86|ARM64|Itanium)[- ]?based\b|[:\uff1a]\s*(ARM64|x64)\b", re.IGNORECASE)
_QFE_HEAD = re.compile(r"\bHotFixID\b")
_QFE_ID = re.compile(r"(?:^|\s)((?:KB|Q)\d{5,8})(?=\s|$|-)", re.IGNORECASE)
_UPDATE = re.compile(r"^\s*(KB\d{5,8}): \S")


def recognises(document: Document) -> bool:
    """A system's name with "Windows" before a version and its build; or one of the companions alone."""
    lines = _lines(document)
    return _name_at(lines) is not None or _is_companion(lines)


def read(document: Document) -> list[ReadInventory]:
    """One device, whose updates are those that this file names."""
    lines = _lines(document)
    gathering = Gathering()
    at = _name_at(lines)
    if at is None:
        gathering.notes.append("the file lists updates only: the system that they belong to is not known")
        add_companion(gathering, lines)
        return [gathering.inventory(device_named(stem(document.name), OperatingSystem(platform="Windows")))]
    match = _VERSION.match(lines[at + 1])
    assert match is not None
    build, name = match["build"], _value(lines[at])
    kind = next((m[1] or m[2] for line in lines if (m := _TYPE.search(line))), "")
    architecture = windows.architecture_of("x64" if kind.lower() == "x64" else kind)
    product = windows.caption(name, windows.service_pack_of(match["rest"]))
    windows.add_system(gathering, product, build, architecture)
    for line in lines:
        if found := _HOTFIX.match(line):
            windows.add_update(gathering, found["id"], "applied")
    system = OperatingSystem(
        platform="Windows", distribution="windows", version=product[:256], version_full=" ".join(name.split())[:256],
        build=build, architecture=architecture,
    )  # fmt: skip
    host = _value(lines[at - 1]) if at > 0 else ""
    return [gathering.inventory(device_named(host or stem(document.name), system))]


def add_companion(gathering: Gathering, lines: Iterable[str]) -> None:
    """Updates of a qfe list (applied) or of an update search (unapplied)."""
    lines = list(lines)
    is_qfe = any(_QFE_HEAD.search(line) for line in lines[:5])
    for line in lines:
        if is_qfe:
            for found in _QFE_ID.findall(line)[:1]:
                windows.add_update(gathering, found, "applied")
        elif match := _UPDATE.match(line):
            windows.add_update(gathering, match[1], "unapplied")


def companions(document: Document) -> list[str]:
    """Lines of a qfe list or an update search; empty when the document is neither."""
    lines = _lines(document)
    return lines if _is_companion(lines) else []


def _is_companion(lines: list[str]) -> bool:
    return any(_QFE_HEAD.search(line) for line in lines[:5]) or any(_UPDATE.match(line) for line in lines[:5])


def _name_at(lines: list[str]) -> int | None:
    """Index of the line with the system's name: the one before its version."""
    for index in range(1, min(len(lines), 40)):
        if _VERSION.match(lines[index]) and "windows" in lines[index - 1].lower():
            return index - 1
    return None


def _lines(document: Document) -> list[str]:
    """Without empty lines, which some consoles put between all others."""
    return [line.rstrip() for line in document.lines[:200_000] if line.strip() and len(line) < 10_000]


def _value(line: str) -> str:
    _, _, value = line.replace("\uff1a", ":", 1).partition(":")
    return " ".join(value.split())
