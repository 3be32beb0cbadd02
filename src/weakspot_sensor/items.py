"""Software items: what identifies one, how equal ones are joined, and the digest of a whole inventory."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, List, Tuple

from weakspot_sensor import limits

IDENTITY_FIELDS = ("type", "name", "version", "architecture", "source_name", "source_version")

Item = Dict[str, Any]
Identity = Tuple[str, str, str, str, str, str]
Inventory = Dict[Identity, Item]

_MODULUS = 1 << 256
_CONTROL = dict.fromkeys([*range(32), *range(127, 160)])


def text(value: object) -> str:
    """A string fit for a report: no control characters, no lone surrogates, at most 1,024 characters."""
    if isinstance(value, bytes):
        value = value[: 4 * limits.TEXT_CHARACTERS].decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    clean = value[: 4 * limits.TEXT_CHARACTERS].encode("utf-8", "surrogatepass")
    return clean.decode("utf-8", "replace").translate(_CONTROL).strip()[: limits.TEXT_CHARACTERS]


def short(value: object) -> str:
    """Like `text`, at most 256 characters: for the device's own fields."""
    return text(value)[: limits.SHORT_CHARACTERS]


def instant(seconds: float) -> str:
    """A POSIX time as the report writes it: UTC with microseconds and "Z"; "" outside the years 1-9999."""
    try:
        moment = datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "{:06d}Z".format(moment.microsecond)


def make(
    kind: str,
    name: object,
    version: object,
    *,
    architecture: object = "",
    source_name: object = "",
    source_version: object = "",
    vendor: object = "",
    module: object = "",
    path: str = "",
    installed_at: float | None = None,
) -> Item:
    """One installed software version. An empty source name or version is filled with the own one."""
    own_name, own_version = text(name), text(version)
    return {
        "type": kind,
        "name": own_name,
        "version": own_version,
        "architecture": short(architecture),
        "source_name": text(source_name) or own_name,
        "source_version": text(source_version) or own_version,
        "vendor": text(vendor),
        "module": text(module),
        "owned_by": "",
        "paths": [text(path)] if path else [],
        "installed_at": (instant(installed_at) or None) if installed_at else None,
    }


def identity(item: Item) -> Identity:
    """The six strings that make an item the same item."""
    return (
        item["type"],
        item["name"],
        item["version"],
        item["architecture"],
        item["source_name"],
        item["source_version"],
    )


def named(key: Identity) -> dict[str, str]:
    """An identity as a report writes it."""
    return dict(zip(IDENTITY_FIELDS, key))


def merge(items: Iterable[Item]) -> Inventory:
    """Items by identity; equal ones become one with all their paths.

    A copy that no distribution package owns makes the joined item unowned: that copy has to be judged by the
    advisories of its own ecosystem.
    """
    joined: Inventory = {}
    for item in items:
        key = identity(item)
        known = joined.get(key)
        joined[key] = item if known is None else _join(known, item)
    return joined


def _join(one: Item, other: Item) -> Item:
    times = [moment for moment in (one["installed_at"], other["installed_at"]) if moment]
    owners = (one["owned_by"], other["owned_by"])
    joined = dict(one)
    joined["paths"] = sorted({*one["paths"], *other["paths"]})[: limits.PATHS_PER_ITEM]
    joined["vendor"] = one["vendor"] or other["vendor"]
    joined["module"] = one["module"] or other["module"]
    joined["owned_by"] = min(owners) if all(owners) else ""
    joined["installed_at"] = min(times) if times else None
    return joined


def digest(identities: Iterable[Identity]) -> str:
    """64 hex digits that depend on the set of identities, not on their order."""
    total = sum(_weight(key) for key in identities)
    return "{:064x}".format(total % _MODULUS)


def _weight(key: Identity) -> int:
    return int(hashlib.sha256("\x1f".join(key).encode("utf-8")).hexdigest(), 16)


def difference(before: Inventory, after: Inventory) -> tuple[List[Item], List[Identity]]:
    """What turns `before` into `after`: items that are new or whose evidence changed, and identities gone."""
    upserts = [item for key, item in after.items() if before.get(key) != item]
    return upserts, [key for key in before if key not in after]


def apply(before: Inventory, upserts: Iterable[Item], removed: Iterable[Identity]) -> Inventory:
    """`before` with a delta applied to it; the argument is left as it is."""
    after = dict(before)
    for key in removed:
        after.pop(key, None)
    for item in upserts:
        after[identity(item)] = item
    return after
