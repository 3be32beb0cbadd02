"""kqueue(2) of macOS: wake up when something in a folder changes. It tells that, not what: names do not matter here."""

from __future__ import annotations

import os
import select
import sys
from typing import Any, Dict, FrozenSet, Optional

_EVENT_ONLY = 0x8000
"""O_EVTONLY: the folder can be unmounted although it is open."""
_MOST_WATCHES = 128
"""Each takes a file descriptor, of which macOS gives 256 unless asked for more."""
_EVENTS_AT_ONCE = 64

Names = Optional[FrozenSet[str]]


class Kqueue:
    """Folders under watch. Raises OSError on creation where the system has no kqueue to give.

    `system` has what the module `select` has on macOS.
    """

    def __init__(self, system: Any = select) -> None:
        try:
            self._queue = system.kqueue()
        except AttributeError as error:
            raise OSError("this system has no kqueue") from error
        self._system = system
        self._handles: Dict[int, str] = {}
        self._flags = os.O_RDONLY | os.O_CLOEXEC | (_EVENT_ONLY if sys.platform == "darwin" else 0)
        self._gone = system.KQ_NOTE_DELETE | system.KQ_NOTE_RENAME | system.KQ_NOTE_REVOKE
        self._notes = self._gone | system.KQ_NOTE_WRITE | system.KQ_NOTE_EXTEND

    def watch(self, path: str, names: Names) -> bool:
        """Watch a folder; harmless when it is watched already. False when it cannot be watched."""
        del names
        if path in self._handles.values():
            return True
        if len(self._handles) >= _MOST_WATCHES:
            return False
        try:
            handle = os.open(path, self._flags)
        except OSError:
            return False
        flags = self._system.KQ_EV_ADD | self._system.KQ_EV_CLEAR
        event = self._system.kevent(handle, self._system.KQ_FILTER_VNODE, flags, self._notes)
        try:
            self._queue.control([event], 0, 0)
        except OSError:
            os.close(handle)
            return False
        self._handles[handle] = path
        return True

    def wait(self, seconds: float) -> bool:
        """Whether a folder changed before the time was over; takes in all that is waiting."""
        changed = False
        left = max(0.0, seconds)
        while True:
            events = self._queue.control(None, _EVENTS_AT_ONCE, left)
            for event in events:
                changed = True
                if event.fflags & self._gone:
                    self._drop(event.ident)
            if len(events) < _EVENTS_AT_ONCE:
                return changed
            left = 0.0

    def taken(self) -> FrozenSet[str]:
        """Nothing is known to have changed without a look."""
        return frozenset()

    def _drop(self, handle: int) -> None:
        """A folder that went or was renamed; what is in its place is watched anew."""
        if self._handles.pop(handle, None) is not None:
            os.close(handle)

    def close(self) -> None:
        for handle in list(self._handles):
            self._drop(handle)
        self._queue.close()
