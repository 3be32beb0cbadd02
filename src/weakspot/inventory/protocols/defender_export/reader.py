"""Records of software on machines to inventories."""

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
from weakspot.inventory.protocols.records import Record, by_device, first_record, lowered, records, refusal

_DEBIAN = frozenset({"debian", "ubuntu"})
_MAX_PATHS = 20


def recognises(document: Document) -> bool:
    """A record that names a device and a software."""
    one = lowered(first_record(document))
    return "softwarename" in one and ("devicename" in one or "deviceid" in one)


def read(document: Document) -> list[ReadInventory]:
    """As many devices as the records name, by their device id."""
    return by_device(_each(document), document.name)


def _each(document: Document) -> Iterator[tuple[str, str, OperatingSystem, Callable[[Gathering], None]]]:
    nobody = stem(document.name)
    for record in records(document):
        known = lowered(record)
        name = as_text(known.get("devicename")) or as_text(known.get("deviceid"))
        if not name:
            yield "", nobody, _system(""), refusal(record, "names no device")
            continue
        system = _system(as_text(known.get("osplatform")))
        yield as_text(known.get("deviceid")) or name, name, system, _adding(known, system)


def _adding(known: Record, system: OperatingSystem) -> Callable[[Gathering], None]:
    vendor = as_text(known.get("softwarevendor"))
    kind = {"Windows": WINDOWS_PROGRAM, "macOS": MACOS_APP}.get(system.platform, PROGRAM)
    if system.distribution in _DEBIAN and vendor.lower() == system.distribution:
        kind = "dpkg"
    name = as_text(known.get("softwarename"))

    def add(gathering: Gathering) -> None:
        gathering.add(
            kind,
            name if kind == "dpkg" else name.replace("_", " "),
            known.get("softwareversion"),
            vendor=vendor.replace("_", " "),
            paths=tuple(_texts(known.get("diskpaths")) + _texts(known.get("registrypaths")))[:_MAX_PATHS],
            installed_at=known.get("softwarefirstseentimestamp"),
        )

    return add


def _system(platform: str) -> OperatingSystem:
    lowered_name = platform.lower()
    if lowered_name.startswith("windows"):
        return OperatingSystem(platform="Windows", distribution="windows", version=platform[:256])
    if lowered_name.startswith("macos"):
        return OperatingSystem(platform="macOS", distribution="macos")
    if not platform:
        return OperatingSystem(platform="unknown")
    return OperatingSystem(platform="Linux", distribution="" if lowered_name == "linux" else lowered_name[:256])


def _texts(value: Any) -> list[str]:
    return [text[:4096] for one in value if (text := as_text(one))] if isinstance(value, list) else []
