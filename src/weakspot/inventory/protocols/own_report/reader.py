"""Own reports to inventories."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, OperatingSystem
from weakspot.inventory.protocols.base import Gathering, ReadInventory, as_text, device_named, stem
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import inferred

_TEXTS = ("architecture", "source_name", "source_version", "vendor", "module", "owned_by")


def recognises(document: Document) -> bool:
    """``software`` with typed items, and a device that says what it is or the schema of a report."""
    data = document.json
    if not isinstance(data, dict) or not isinstance(data.get("software"), list):
        return False
    device = data.get("device")
    return isinstance(device, dict) and isinstance(device.get("os"), dict)


def read(document: Document) -> list[ReadInventory]:
    """One device."""
    data = document.json
    gathering = Gathering()
    for item in data["software"]:
        _add(gathering, item)
    return [gathering.inventory(_device(document, data["device"], gathering))]


def _device(document: Document, data: dict[str, Any], gathering: Gathering) -> DescribedDevice:
    try:
        device = msgspec.convert(data, DescribedDevice)
    except msgspec.ValidationError as error:
        gathering.notes.append(f"the device's description is not as the contract says ({error}); a part of it was used")
        device = device_named(as_text(data.get("name")) or stem(document.name), _system(data["os"]))
    told = None if device.os.distribution else inferred(gathering.items)
    if told is None:
        return device
    gathering.notes.append(f"the release was concluded from {told[1]}")
    return msgspec.structs.replace(device, os=told[0])


def _system(data: dict[str, Any]) -> OperatingSystem:
    return OperatingSystem(
        platform=as_text(data.get("platform"))[:64] or "unknown",
        distribution=as_text(data.get("distribution"))[:256],
        version=as_text(data.get("version"))[:256],
        codename=as_text(data.get("codename"))[:256],
        kernel=as_text(data.get("kernel"))[:256],
    )


def _add(gathering: Gathering, item: Any) -> None:
    if not isinstance(item, dict):
        gathering.refuse("", "", "is no object")
        return
    try:
        msgspec.convert({"type": item.get("type"), "name": "x", "version": ""}, InstalledSoftware)
    except msgspec.ValidationError:
        gathering.refuse(item.get("name"), item.get("version"), f"has no usable type ({item.get('type')!r:.60})")
        return
    fields = {field: item.get(field) for field in (*_TEXTS, "installed_at")}
    paths = item.get("paths")
    some = tuple(as_text(path)[:4096] for path in paths[:20]) if isinstance(paths, list) else ()
    gathering.add(item["type"], item.get("name"), item.get("version"), paths=some, **fields)
