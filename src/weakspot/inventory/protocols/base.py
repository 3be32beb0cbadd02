"""What readers of foreign inventories share: the shape of what they give, the bounds, and how a record is refused.

A reader is pure: bytes in, inventories out. A record that cannot be used is refused with a reason, never dropped in
silence; a file that cannot be read as a whole raises InputError.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from weakspot.inventory.contracts import MAX_ITEMS, DescribedDevice, InstalledSoftware, OperatingSystem
from weakspot.inventory.protocols.documents import Document

MAX_TEXT = 1024
MAX_REFUSED = 1_000
MAX_DEVICES = 10_000
MAX_PATHS = 20

PROGRAM = "program"
"""Software of which only a name is known: no package manager, no operating system that would tell more."""
WINDOWS_PROGRAM = "windows_program"
MACOS_APP = "macos_app"
WINDOWS_OS = "windows_os"
WINDOWS_UPDATE = "windows_update"


class RefusedRecord(msgspec.Struct, frozen=True):
    """A record that is not part of the inventory, with the reason in words that follow "it"."""

    name: str
    version: str
    reason: str


class ReadInventory(msgspec.Struct, frozen=True, kw_only=True):
    """One device as a file describes it. ``notes``: what was concluded rather than read.

    records: how many the file has, each of them an item, ``repeated`` (joined with an item) or refused.
    """

    device: DescribedDevice
    software: tuple[InstalledSoftware, ...]
    refused: tuple[RefusedRecord, ...] = ()
    notes: tuple[str, ...] = ()
    records: int = 0
    repeated: int = 0


class InventoryReader(msgspec.Struct, frozen=True, kw_only=True):
    """One format. ``recognises`` looks at the content and may look at the name; ``read`` gives at least one device."""

    name: str
    title: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document], Sequence[ReadInventory]]


class Gathering:
    """Collects the items of one device: bounded, distinct, each refusal with its reason."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, ...], InstalledSoftware] = {}
        self.refused: list[RefusedRecord] = []
        self.notes: list[str] = []
        self.repeated = 0
        self._refusals = 0

    @property
    def items(self) -> tuple[InstalledSoftware, ...]:
        """The items, in the order in which they came."""
        return tuple(self._items.values())

    def add(self, kind: str, name: Any, version: Any, **fields: Any) -> None:
        """One record; fields are those of ``InstalledSoftware``. What is no text counts as empty, what the server would
        refuse is refused here."""
        name_text, version_text = _mended(as_text(name).strip(_HARMLESS)), as_text(version)
        if reason := _unusable(name_text, version_text):
            self.refuse(name_text, version_text, reason)
            return
        item = InstalledSoftware(
            type=kind,
            name=name_text,
            version=version_text,
            architecture=as_text(fields.get("architecture"))[:256],
            source_name=as_text(fields.get("source_name"))[:MAX_TEXT],
            source_version=as_text(fields.get("source_version"))[:MAX_TEXT],
            vendor=as_text(fields.get("vendor"))[:MAX_TEXT],
            module=as_text(fields.get("module"))[:MAX_TEXT],
            owned_by=as_text(fields.get("owned_by"))[:MAX_TEXT],
            paths=tuple(fields.get("paths", ()))[:MAX_PATHS],
            installed_at=as_text(fields.get("installed_at"))[:40] or None,
        )
        key = (kind, name_text, version_text, item.architecture, item.source_name, item.source_version)
        known = self._items.get(key)
        if known is not None:
            self.repeated += 1
            self._items[key] = _joined(known, item)
        elif len(self._items) >= MAX_ITEMS:
            self.refuse(
                name_text, version_text, f"comes after the first {MAX_ITEMS:,} items, which are all that is read"
            )
        else:
            self._items[key] = item

    def refuse(self, name: Any, version: Any, reason: str) -> None:
        """Leave a record out. ``reason`` follows "it": "has no name"."""
        self._refusals += 1
        if len(self.refused) < MAX_REFUSED:
            self.refused.append(
                RefusedRecord(printable(as_text(name))[:200], printable(as_text(version))[:200], reason)
            )
        elif len(self.refused) == MAX_REFUSED:
            self.refused.append(RefusedRecord("", "", f"is one of more than {MAX_REFUSED:,} refused records"))

    def inventory(self, device: DescribedDevice) -> ReadInventory:
        """All of it."""
        notes = list(self.notes)
        if self.repeated:
            notes.append(f"{self.repeated} records repeat another one and were joined with it")
        return ReadInventory(
            device=device, software=self.items, refused=tuple(self.refused), notes=tuple(notes),
            records=len(self._items) + self.repeated + self._refusals, repeated=self.repeated,
        )  # fmt: skip


_HARMLESS = "\u200b\u200e\u200f\ufeff\u00ad "
"""Marks that some makers put around their product's name; inside a name they would hide what it is."""


def _joined(one: InstalledSoftware, other: InstalledSoftware) -> InstalledSoftware:
    paths = tuple(dict.fromkeys((*one.paths, *other.paths)))[:MAX_PATHS]
    return one if paths == one.paths else msgspec.structs.replace(one, paths=paths)


def _unusable(name: str, version: str) -> str:
    if not name:
        return "has no name"
    if len(name) > MAX_TEXT:
        return f"has a name of {len(name):,} characters; at most {MAX_TEXT:,} are read"
    if name != printable(name):
        return "has control or direction marks in its name"
    if len(version) > MAX_TEXT:
        return f"has a version of {len(version):,} characters; at most {MAX_TEXT:,} are read"
    return ""


def _mended(name: str) -> str:
    """A name whose UTF-8 was once read as Latin-1 shows by control characters that no name has; undone."""
    if not any("\x80" <= c <= "\x9f" for c in name):
        return name
    try:
        return name.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name


def as_text(value: Any) -> str:
    """A string without blanks around it; numbers as they are written; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def printable(text: str) -> str:
    """Without control characters, lone surrogates and marks that change the direction of text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def device_named(name: str, system: OperatingSystem, **fields: Any) -> DescribedDevice:
    """A device with a usable name."""
    return DescribedDevice(name=printable(name)[:256] or "unnamed", os=system, **fields)


def stem(file_name: str) -> str:
    """What a device is called when its file does not say: the file's name without its endings."""
    name = PurePosixPath(file_name.replace("\\", "/")).name
    for ending in (".gz", ".json", ".xml", ".txt", ".csv", ".spdx", ".status"):
        name = name.removesuffix(ending)
    return name or "unnamed"
