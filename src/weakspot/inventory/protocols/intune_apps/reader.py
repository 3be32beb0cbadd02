"""Detected apps to inventories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import (
    MACOS_APP,
    PROGRAM,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    as_text,
    stem,
)
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.records import Record, by_device, first_record, records, refusal

_KINDS = {"windows": WINDOWS_PROGRAM, "macos": MACOS_APP, "ios": "ios_app", "androidwork": "android_app"}
_PLATFORMS = {"windows": "Windows", "macos": "macOS", "ios": "iOS"}


def recognises(document: Document) -> bool:
    """An app that lists the devices on which it was detected."""
    one = first_record(document)
    return "displayName" in one and "managedDevices" in one


def read(document: Document) -> list[ReadInventory]:
    """As many devices as the apps name."""
    return by_device(_each(document), document.name)


def _each(document: Document) -> Iterator[tuple[str, str, OperatingSystem, Callable[[Gathering], None]]]:
    nobody = stem(document.name)
    for app in records(document):
        known = app if isinstance(app, dict) else {}
        devices = known.get("managedDevices")
        some = [one for one in devices if isinstance(one, dict)] if isinstance(devices, list) else []
        if not some:
            yield "", nobody, _system(""), refusal({"name": known.get("displayName")}, "was detected on no device")
        for device in some:
            name = as_text(device.get("deviceName")) or as_text(device.get("id")) or nobody
            system = _system(as_text(device.get("operatingSystem")) or as_text(known.get("platform")))
            yield as_text(device.get("id")) or name, name, system, _adding(known)


def _adding(app: Record) -> Callable[[Gathering], None]:
    kind = _KINDS.get(as_text(app.get("platform")).lower(), PROGRAM)

    def add(gathering: Gathering) -> None:
        gathering.add(kind, app.get("displayName"), app.get("version"), vendor=app.get("publisher"))

    return add


def _system(platform: Any) -> OperatingSystem:
    known = _PLATFORMS.get(as_text(platform).lower())
    return OperatingSystem(platform=known or "unknown", distribution=(known or "").lower())
