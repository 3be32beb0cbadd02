"""Pauses of the cyclic garbage collector, for bulk work that makes millions of objects and keeps them.

The collector runs after so many new containers and walks all young ones each time; where nothing of what is made is
garbage, that is a third of the work. References that are dropped are freed as ever; only cycles wait for the end.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_pauses = 0


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """No collections inside. May be nested, and used by several threads at once; a collector that is off stays off."""
    global _pauses
    with _lock:
        is_first = _pauses == 0 and gc.isenabled()
        if is_first or _pauses:
            _pauses += 1
        if is_first:
            gc.disable()
        is_counted = _pauses > 0
    try:
        yield
    finally:
        with _lock:
            if is_counted:
                _pauses -= 1
                if _pauses == 0:
                    gc.enable()
