"""How long a server is waited for: attempts with growing pauses, and hosts that are given up for the rest of a run.

Faults that may pass (no connection, 429, 5xx, an answer cut off) are tried again, as late as the server asks; others
are told at once. A host that cannot be reached is remembered, so that a machine without a network is told so in
seconds, not after every file's own patience.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from weakspot.runtime.errors import SourceUnavailable

T = TypeVar("T")


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one download, in seconds and attempts."""

    connect_seconds: float = 10.0
    silence_seconds: float = 30.0
    total_seconds: float = 1800.0
    attempts: int = 4
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 60.0


class Again(Exception):
    """A fault that may pass; ``pause`` is what the server asked for, in seconds."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


class Unreachable(Again):
    """No connection at all: a host that cannot be reached now is not worth many tries, nor are its other files."""


class Patience:
    """Runs attempts. ``sleep``, ``now`` and ``jitter`` are passed in so that tests need no time. For several threads:
    what they share only grows.
    """

    def __init__(
        self,
        limits: Limits,
        sleep: Callable[[float], None],
        now: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self.limits = limits
        self.sleep = sleep
        self.now = now
        self._jitter = jitter
        self._unreachable: dict[str, str] = {}
        self._is_network_seen = False

    def run(self, url: str, attempt: Callable[[float], T]) -> T:
        """``attempt(deadline)`` until it succeeds. Raises SourceUnavailable, with the reason, when it is given up."""
        host = urlsplit(url).netloc
        if host in self._unreachable:
            raise SourceUnavailable(self._unreachable[host])
        deadline = self.now() + self.limits.total_seconds
        tried = 0
        while True:
            tried += 1
            try:
                result = attempt(deadline)
            except Again as error:
                if tried >= self._worth(error):
                    raise self._given_up(url, host, error, tried) from error
                self.sleep(self._pause(tried - 1, error.pause))
            else:
                self._is_network_seen = True
                return result

    def _worth(self, error: Again) -> int:
        """How many attempts a fault is worth: one, once two hosts could not be reached and none could."""
        if not isinstance(error, Unreachable):
            return self.limits.attempts
        is_offline = len(self._unreachable) >= 2 and not self._is_network_seen
        return 1 if is_offline else min(2, self.limits.attempts)

    def _given_up(self, url: str, host: str, error: Again, tried: int) -> SourceUnavailable:
        if isinstance(error, Unreachable):
            self._unreachable[host] = f"{host} cannot be reached ({error}); what was loaded before stays in use."
            return SourceUnavailable(self._unreachable[host])
        return SourceUnavailable(f"{url}: {error}; tried {tried} times.")

    def _pause(self, attempt: int, asked: float | None) -> float:
        grown = self.limits.first_pause_seconds * 2**attempt * (0.5 + self._jitter())
        return float(min(max(asked or 0.0, grown), self.limits.longest_pause_seconds))


def judge(answer: httpx.Response, url: str, throttles: frozenset[int] = frozenset()) -> None:
    """Raises Again or SourceUnavailable for an answer that is no 200. ``throttles``: codes by which this server says
    "too fast", besides the usual ones.
    """
    code = answer.status_code
    if code == httpx.codes.OK:
        encoding = answer.headers.get("content-encoding", "identity")
        if encoding not in ("identity", ""):
            raise SourceUnavailable(f"{url} answered in an encoding that was not asked for: {encoding[:20]!r}.")
        return
    if code in throttles:
        raise Again(f"the server answered {code}, which it does to those who ask too often", _retry_after(answer) or 30)
    if code in (408, 425, 429) or code >= 500:
        raise Again(f"the server answered {code}", _retry_after(answer))
    raise SourceUnavailable(f"{url} answered {code}; check the address and the key.")


def translated(error: Exception, url: str) -> Exception:
    """What a fault of the HTTP client means here."""
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
        return Unreachable(_told(error))
    if isinstance(error, httpx.TransportError):
        return Again(_told(error))
    return SourceUnavailable(f"{url} cannot be fetched: {_told(error)}.")


def _retry_after(answer: httpx.Response) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) <= 9 else None


def _told(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__
