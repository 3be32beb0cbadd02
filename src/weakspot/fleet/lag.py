"""How long it takes until the index shows what was committed."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

BOUNDS = (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 3.0, 10.0)
"""Upper ends of what is counted together, in seconds; the last group has none."""


class Lag:
    """Waiting times since the start. One thread notes them, any may read."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self._sum = 0.0

    def note(self, seconds: float) -> None:
        """The oldest commit that a step took had waited so long when it was in force."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self._sum += seconds

    def read(self) -> tuple[list[int], float]:
        """How many were at most each of ``BOUNDS``, and then how many there were; and all seconds together."""
        return list(accumulate(self._counts)), self._sum
