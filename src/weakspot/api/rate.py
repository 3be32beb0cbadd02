"""How often somebody may call: sliding windows in memory, a bounded number of them."""

from __future__ import annotations

from collections import OrderedDict, deque

from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.errors import RateLimited

_MAXIMUM_KEYS = 10_000


class RateLimiter:
    """At most ``limit`` calls of one key within any ``seconds``. For the event loop's thread only."""

    def __init__(self, limit: int, seconds: int) -> None:
        self.limit = limit
        self._window: Micros = seconds * SECOND
        self._calls: OrderedDict[str, deque[Micros]] = OrderedDict()

    def check(self, key: str, now: Micros) -> None:
        """Count a call. Raises RateLimited with the seconds to wait; a refused call is not counted."""
        calls = self._calls.setdefault(key, deque(maxlen=self.limit))
        self._calls.move_to_end(key)
        if len(self._calls) > _MAXIMUM_KEYS:
            self._calls.popitem(last=False)
        if len(calls) == self.limit and now - calls[0] < self._window:
            wait = -(-(calls[0] + self._window - now) // SECOND)
            raise RateLimited(
                f"At most {self.limit} requests in {self._window // SECOND} seconds; wait {wait} seconds.",
                retry_after_seconds=int(wait),
            )
        calls.append(now)
