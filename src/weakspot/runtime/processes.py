"""How Python and its memory are set in each process of a server."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable

_GC_THRESHOLD = (10_000, 10, 10)
"""Few collections, yet not so few that cycles keep old views of the index: at (50,000, 20, 50) a busy server of 20,000
devices grew by 15 MiB a second."""
_SWITCH_SECONDS = 0.0005
"""How long a busy thread may keep the interpreter from another. The writer gives it up at every statement; at Python's
5 ms it would wait that long for it each time, some fifteen times a group of reports."""


_M_ARENA_MAX = -8
"""glibc's number for it (malloc.h)."""


def begin() -> None:
    """First of all, before there are threads: they share one heap.

    glibc gives each of them its own, and what one thread frees is of no use to another: what pages need for a moment
    stayed with each thread that ever made one, 700 MiB of a server of 100,000 devices whose data take 350. The
    interpreter's lock lets one thread at a time ask for memory anyway.
    """
    if (mallopt := _of_the_system("mallopt")) is not None:
        mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give memory that was freed back to the system, also where something that is in use lies behind it."""
    if (malloc_trim := _of_the_system("malloc_trim")) is not None:
        malloc_trim(0)


def tune() -> None:
    """Once everything that lasts is made: the cyclic collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
    sys.setswitchinterval(_SWITCH_SECONDS)


def _of_the_system(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where that is not glibc."""
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
    return found
