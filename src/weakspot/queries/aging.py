"""What is read anew once it is some seconds old, because nothing tells when it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from weakspot.runtime.clock import Micros

T = TypeVar("T")


class Aging(Generic[T]):
    """Safe from any thread: one reads it, and others take what there is meanwhile.

    age: for how many microseconds it is used. It gets older by as much as it takes to read it.
    """

    def __init__(self, age: Micros) -> None:
        self._age = age
        self._known: tuple[Micros, T] | None = None
        self._reading = threading.Lock()

    def at(self, now: Micros, read: Callable[[], T]) -> T:
        """What was read within the age; else what ``read`` gives. Waits only where there is nothing from before."""
        known = self._known
        if known is not None and known[0] <= now < known[0] + self._age:
            return known[1]
        is_usable = known is not None and known[0] <= now
        if not self._reading.acquire(blocking=not is_usable):
            assert known is not None
            return known[1]
        try:
            fresh = self._known
            if fresh is None or fresh is known:
                fresh = self._known = now, read()
            return fresh[1]
        finally:
            self._reading.release()
