"""What foreign tools tell of a device's hardware: ids by which it is recognised, without makers' fillers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from weakspot.inventory.contracts import HardwareId, Interface
from weakspot.inventory.protocols.base import as_text, printable

_FILLERS = frozenset(
    {
        "tobefilledbyoem", "tobefilledbyoemproductname", "defaultstring", "systemserialnumber", "systemproductname",
        "notspecified", "notapplicable", "notavailable", "none", "unknown", "oem", "invalid", "chassisserialnumber",
        "baseboardserialnumber", "empty", "null", "0123456789", "123456789", "1234567890", "na", "undefined",
    }
)  # fmt: skip
_MAC = re.compile(r"^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$")
_LOCAL_MAC = 0b10
_MAX_INTERFACES = 256
_MAX_ADDRESSES = 64


def text_of(value: Any, limit: int = 1024) -> str:
    """A value as the maker wrote it; empty for fillers."""
    text = printable(as_text(value))[:limit]
    plain = re.sub(r"[^0-9a-z]", "", text.lower())
    return "" if plain in _FILLERS or len(set(plain)) < 2 else text


def ids_of(kinds: Iterable[tuple[Any, Any]]) -> tuple[HardwareId, ...]:
    """(kind, value) pairs as hardware ids, fillers and repetitions left out; UUIDs in lower case."""
    found: dict[tuple[str, str], HardwareId] = {}
    for kind, value in kinds:
        text = text_of(value, 200)
        if kind in ("product_uuid", "machine_id", "mac"):
            text = text.lower()
        if text and (kind != "mac" or _is_burnt_in(text)):
            found.setdefault((kind, text), HardwareId(kind, text))
    return tuple(found.values())[:128]


def interfaces_of(rows: Iterable[tuple[Any, Any, Any, Any]]) -> tuple[Interface, ...]:
    """(name, MAC, address, state) rows, one or more for each interface, as interfaces in their order."""
    found: dict[str, tuple[str, list[str], str]] = {}
    for name, mac, address, state in rows:
        key = printable(as_text(name))[:256]
        if not key or (key not in found and len(found) >= _MAX_INTERFACES):
            continue
        kept = found.setdefault(key, (printable(as_text(mac)).lower()[:256], [], printable(as_text(state))[:256]))
        text = printable(as_text(address))[:256]
        if text and text not in kept[1] and len(kept[1]) < _MAX_ADDRESSES:
            kept[1].append(text)
    return tuple(Interface(name, mac, tuple(some), state) for name, (mac, some, state) in found.items())


def _is_burnt_in(mac: str) -> bool:
    """Not one that software made up: those carry the bit for locally administered addresses."""
    return _MAC.match(mac) is not None and not int(mac[:2], 16) & _LOCAL_MAC
