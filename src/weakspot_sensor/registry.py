"""The Windows registry, read only and bounded. Keys are written "HKLM\\SOFTWARE\\..."; what is not there is empty."""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Optional, Tuple

from weakspot_sensor import limits

NATIVE, NARROW = 64, 32
"""The two views of software: that of the system, and that of 32-bit programs."""

_VIEWS = {NATIVE: 0x0100, NARROW: 0x0200}
_READ = 0x20019
_IS_THERE = sys.platform == "win32"
_EXPAND = 2


class Registry:
    """The registry of this system; another one where a test gives it."""

    def subkeys(self, key: str, view: int = NATIVE) -> List[str]:
        """Names of the keys below a key."""
        handle = self._open(key, view)
        if handle is None:
            return []
        import winreg

        with handle:
            count = min(winreg.QueryInfoKey(handle)[0], limits.FOLDER_ENTRIES)  # type: ignore[attr-defined,unused-ignore]
            return [winreg.EnumKey(handle, number) for number in range(count)]  # type: ignore[attr-defined,unused-ignore]

    def values(self, key: str, view: int = NATIVE) -> Dict[str, Any]:
        """Values of a key by name: text, numbers, lists of text, bytes."""
        handle = self._open(key, view)
        if handle is None:
            return {}
        import winreg

        found: Dict[str, Any] = {}
        with handle:
            for number in range(min(winreg.QueryInfoKey(handle)[1], limits.NAMES)):  # type: ignore[attr-defined,unused-ignore]
                name, value, kind = winreg.EnumValue(handle, number)  # type: ignore[attr-defined,unused-ignore]
                is_expanded = kind == _EXPAND and isinstance(value, str)
                found[name] = winreg.ExpandEnvironmentStrings(value) if is_expanded else value  # type: ignore[attr-defined,unused-ignore]
        return found

    def exists(self, key: str, view: int = NATIVE) -> bool:
        """Whether the key is there and may be read."""
        handle = self._open(key, view)
        if handle is None:
            return False
        handle.Close()
        return True

    def stamp(self, key: str, view: int = NATIVE) -> Tuple[int, int, int]:
        """What changes when a key comes or goes below this one: its subkeys and its time of change."""
        handle = self._open(key, view)
        if handle is None:
            return (0, 0, 0)
        import winreg

        with handle:
            subkeys, values, changed = winreg.QueryInfoKey(handle)  # type: ignore[attr-defined,unused-ignore]
        return (subkeys, values, changed)

    def _open(self, key: str, view: int) -> Optional[Any]:
        if not _IS_THERE:
            return None
        import winreg

        hive, _, path = key.partition("\\")
        hives = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS"}
        try:
            top = getattr(winreg, hives[hive])
            return winreg.OpenKey(top, path, 0, _READ | _VIEWS[view])  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return None


def system() -> Registry:
    """The registry of this system; where there is none it is empty."""
    return Registry()


def is_key(path: str) -> bool:
    """Whether a watched path is a key of the registry."""
    return path.startswith(("HKLM\\", "HKU\\"))
