"""How long to wait before the next try: exponential, with jitter, up to a cap."""

from __future__ import annotations

from typing import Callable

FIRST_SECONDS = 1.0
CAP_SECONDS = 300.0


class Backoff:
    """Waits double from one failure to the next. `uniform` gives a random number from 0 to 1."""

    def __init__(self, uniform: Callable[[], float], cap_seconds: float = CAP_SECONDS) -> None:
        self._uniform = uniform
        self._cap = cap_seconds
        self._ceiling = FIRST_SECONDS

    def next(self) -> float:
        """Seconds to wait after one more failure: between half the current ceiling and all of it."""
        ceiling = min(self._ceiling, self._cap)
        self._ceiling = min(ceiling * 2, self._cap)
        return ceiling * (0.5 + 0.5 * self._uniform())

    def reset(self) -> None:
        self._ceiling = FIRST_SECONDS
