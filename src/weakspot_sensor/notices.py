"""Windows' own notifications: keys of the registry with all below them, and folders.

`RegNotifyChangeKeyValue` and `FindFirstChangeNotificationW` signal a handle each, on which one call waits. What is
signalled is asked for again at once; a change between the two is part of the next look.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Set

from weakspot_sensor import registry

_MOST_HANDLES = 63
"""WaitForMultipleObjects takes 64."""
_KEY_NOTIFY, _NATIVE = 0x0010, 0x0100
_NAMES, _VALUES = 0x1, 0x4
_FILE_NAMES, _FOLDER_NAMES, _LAST_WRITE = 0x1, 0x2, 0x10
_FAILED = 0xFFFFFFFF
_HIVES = {"HKLM": 0x80000002 - (1 << 32), "HKU": 0x80000003 - (1 << 32)}
"""Of 32 bits with a sign, which pointers of 64 bits carry on."""

Names = Optional[FrozenSet[str]]


class Calls:
    """The calls of Windows that are needed; another object where a test gives it. Handles are numbers, 0: none."""

    def __init__(self) -> None:
        import ctypes

        self._ctypes = ctypes
        try:
            self._kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
            self._advanced: Any = ctypes.WinDLL("advapi32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
        except AttributeError as error:
            raise OSError("this system is not Windows") from error
        self._kernel.CreateEventW.restype = ctypes.c_void_p
        self._kernel.FindFirstChangeNotificationW.restype = ctypes.c_void_p

    def open_key(self, hive: int, path: str) -> int:
        """A key that may be watched."""
        handle = self._ctypes.c_void_p()
        access = _KEY_NOTIFY | _NATIVE
        top = self._ctypes.c_void_p(hive)
        failed = self._advanced.RegOpenKeyExW(top, path, 0, access, self._ctypes.byref(handle))
        return 0 if failed else int(handle.value or 0)

    def notify(self, key: int, event: int) -> bool:
        """Signal the event at the next change of the key or below it."""
        pointer = self._ctypes.c_void_p
        failed = self._advanced.RegNotifyChangeKeyValue(pointer(key), True, _NAMES | _VALUES, pointer(event), True)
        return not failed

    def event(self) -> int:
        """An event that resets itself when it was waited for."""
        return int(self._kernel.CreateEventW(None, False, False, None) or 0)

    def folder(self, path: str) -> int:
        """A handle that is signalled when entries of the folder come, go or change."""
        kinds = _FILE_NAMES | _FOLDER_NAMES | _LAST_WRITE
        handle = int(self._kernel.FindFirstChangeNotificationW(path, False, kinds) or 0)
        return 0 if handle & _FAILED == _FAILED else handle

    def again(self, handle: int) -> bool:
        """Ask for the next change of a folder."""
        return bool(self._kernel.FindNextChangeNotification(self._ctypes.c_void_p(handle)))

    def wait(self, handles: List[int], seconds: float) -> int:
        """Index of a handle that is signalled; -1 when none was in time."""
        some = (self._ctypes.c_void_p * len(handles))(*handles)
        found = int(self._kernel.WaitForMultipleObjects(len(handles), some, False, int(seconds * 1000)))
        return found if 0 <= found < len(handles) else -1

    def sleep(self, seconds: float) -> None:
        """Where there is nothing to wait for."""
        self._kernel.Sleep(int(seconds * 1000))

    def close(self, handle: int, kind: str) -> None:
        """Give back a key, an event or a folder."""
        close = {"key": self._advanced.RegCloseKey, "folder": self._kernel.FindCloseChangeNotification}
        close.get(kind, self._kernel.CloseHandle)(self._ctypes.c_void_p(handle))


class _Watch(NamedTuple):
    path: str
    handle: int
    """What is waited for: an event, or a folder's own handle."""
    key: int
    """0 for a folder."""


class Notices:
    """Keys and folders under watch. Raises OSError on creation where this is not Windows."""

    def __init__(self, calls: Optional[Calls] = None) -> None:
        self._calls = calls or Calls()
        self._watches: Dict[str, _Watch] = {}
        self._told: Set[str] = set()

    def watch(self, path: str, names: Names) -> bool:
        """Watch a key or a folder; harmless when it is watched already. False when it cannot be watched."""
        del names
        if path in self._watches:
            return True
        if len(self._watches) >= _MOST_HANDLES:
            return False
        found = self._key(path) if registry.is_key(path) else self._folder(path)
        if found is None:
            return False
        self._watches[path] = found
        return True

    def _key(self, path: str) -> Optional[_Watch]:
        hive, _, below = path.partition("\\")
        key = self._calls.open_key(_HIVES[hive], below)
        event = self._calls.event() if key else 0
        if event and self._calls.notify(key, event):
            return _Watch(path, event, key)
        if event:
            self._calls.close(event, "event")
        if key:
            self._calls.close(key, "key")
        return None

    def _folder(self, path: str) -> Optional[_Watch]:
        handle = self._calls.folder(path)
        return _Watch(path, handle, 0) if handle else None

    def wait(self, seconds: float) -> bool:
        """Whether something changed before the time was over; takes in all that is waiting."""
        left = max(0.0, seconds)
        changed = False
        if not self._watches:
            self._calls.sleep(left)
            return False
        # Each handle is taken in at most once a call, so that a busy one cannot keep the sensor here.
        for _ in range(len(self._watches)):
            watches = list(self._watches.values())
            number = self._calls.wait([one.handle for one in watches], left)
            if number < 0:
                break
            changed, left = True, 0.0
            self._take(watches[number])
            if not self._watches:
                break
        return changed

    def _take(self, one: _Watch) -> None:
        self._told.add(one.path)
        is_good = self._calls.notify(one.key, one.handle) if one.key else self._calls.again(one.handle)
        if not is_good:  # it is gone; what comes in its place is watched anew
            self._drop(one)

    def taken(self) -> FrozenSet[str]:
        """Paths that were told of since this was asked last: a value below a key shows in no time of the key itself."""
        told, self._told = frozenset(self._told), set()
        return told

    def _drop(self, one: _Watch) -> None:
        del self._watches[one.path]
        self._calls.close(one.handle, "event" if one.key else "folder")
        if one.key:
            self._calls.close(one.key, "key")

    def close(self) -> None:
        for one in list(self._watches.values()):
            self._drop(one)
