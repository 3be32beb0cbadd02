"""The updates of a Windows system are part of what it is: two systems of one build can differ in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from weakspot.inventory.contracts import InstalledSoftware
from weakspot.vocabulary.windows import update_set

SYSTEM = "windows_os"
UPDATE = "windows_update"
TYPES = frozenset({SYSTEM, UPDATE})


def with_updates(items: Sequence[InstalledSoftware]) -> list[InstalledSoftware]:
    """The items of one device, its system carrying its updates (``module``), so that both are judged as one thing.

    A system's own ``module`` is replaced. Items of other devices must not be among them.
    """
    if not any(item.type == SYSTEM for item in items):
        return list(items)
    folded = update_text((item.name, item.module) for item in items if item.type == UPDATE)
    return [msgspec.structs.replace(item, module=folded) if item.type == SYSTEM else item for item in items]


def update_text(states: Iterable[tuple[str, str]]) -> str:
    """(name, state) of a device's updates as the text that its system carries."""
    return update_set(states).to_text()
