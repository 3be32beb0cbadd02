"""How Python is set in each process of a server."""

from __future__ import annotations

import gc
import sys

_GC_THRESHOLD = (10_000, 10, 10)
"""Few collections, yet not so few that cycles keep old views of the index: at (50,000, 20, 50) a busy server of 20,000
devices grew by 15 MiB a second."""
_SWITCH_SECONDS = 0.0005
"""How long a busy thread may keep the interpreter from another. The writer gives it up at every statement; at Python's
5 ms it would wait that long for it each time, some fifteen times a group of reports."""


def tune() -> None:
    """Once everything that lasts is made: the cyclic collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
    sys.setswitchinterval(_SWITCH_SECONDS)
