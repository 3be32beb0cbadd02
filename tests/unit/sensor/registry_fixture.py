"""A registry that a test writes by hand."""

from __future__ import annotations

from typing import Any

from weakspot_sensor.registry import NARROW, NATIVE, Registry


class WrittenRegistry(Registry):
    """Keys with their values; those of the 32-bit view apart."""

    def __init__(self, native: dict[str, dict[str, Any]], narrow: dict[str, dict[str, Any]] | None = None) -> None:
        self._views = {NATIVE: native, NARROW: narrow or {}}

    def subkeys(self, key: str, view: int = NATIVE) -> list[str]:
        inside = (name[len(key) + 1 :] for name in self._views[view] if name.startswith(key + "\\"))
        return sorted({name.partition("\\")[0] for name in inside})

    def values(self, key: str, view: int = NATIVE) -> dict[str, Any]:
        return self._views[view].get(key, {})

    def exists(self, key: str, view: int = NATIVE) -> bool:
        return any(name == key or name.startswith(key + "\\") for name in self._views[view])
