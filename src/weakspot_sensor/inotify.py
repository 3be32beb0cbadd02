"""inotify(7) through the C library: wake up when something in a folder changes."""

from __future__ import annotations

import ctypes
import os
import select
import struct
from typing import Dict, FrozenSet, Optional

_CREATE, _DELETE, _MOVED_FROM, _MOVED_TO, _CLOSE_WRITE = 0x100, 0x200, 0x40, 0x80, 0x8
_DELETE_SELF, _MOVE_SELF, _IGNORED, _OVERFLOW = 0x400, 0x800, 0x8000, 0x4000
_ONLY_FOLDERS = 0x01000000
_MASK = _CREATE | _DELETE | _MOVED_FROM | _MOVED_TO | _CLOSE_WRITE | _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS
_HEADER = struct.Struct("iIII")
_BUFFER_BYTES = 1 << 16
_MOST_WATCHES = 2048

Names = Optional[FrozenSet[str]]


class Inotify:
    """Folders under watch. Raises OSError on creation where the system has no inotify left to give."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        try:
            self._add = library.inotify_add_watch
            self._handle: int = library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        except AttributeError as error:
            raise OSError("the C library has no inotify") from error
        self._add.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
        if self._handle < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1: " + os.strerror(ctypes.get_errno()))
        self._watches: Dict[int, Names] = {}
        self._poll = select.poll()
        self._poll.register(self._handle, select.POLLIN)

    def watch(self, folder: str, names: Names) -> bool:
        """Watch entries of a folder (None: all of them); harmless when it is watched already.

        False when it cannot be watched: it is not there, or the system's limit is reached.
        """
        if len(self._watches) >= _MOST_WATCHES:
            return False
        number: int = self._add(self._handle, os.fsencode(folder), _MASK)
        if number < 0:
            return False
        self._watches[number] = names
        return True

    def wait(self, seconds: float) -> bool:
        """Whether something of interest changed before the time was over; takes in all that is waiting."""
        if not self._poll.poll(max(0.0, seconds) * 1000):
            return False
        changed = False
        while True:
            try:
                data = os.read(self._handle, _BUFFER_BYTES)
            except BlockingIOError:
                return changed
            changed = self._take(data) or changed

    def taken(self) -> FrozenSet[str]:
        """Nothing is known to have changed without a look."""
        return frozenset()

    def _take(self, data: bytes) -> bool:
        changed = False
        offset = 0
        while offset + _HEADER.size <= len(data):
            number, mask, _cookie, length = _HEADER.unpack_from(data, offset)
            start = offset + _HEADER.size
            name = os.fsdecode(data[start : start + length].rstrip(b"\0"))
            offset = start + length
            names = self._watches.get(number)
            if mask & _IGNORED:
                self._watches.pop(number, None)
            if mask & (_OVERFLOW | _IGNORED | _DELETE_SELF | _MOVE_SELF) or names is None or name in names:
                changed = True
        return changed

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
