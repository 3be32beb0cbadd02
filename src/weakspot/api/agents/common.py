"""What the endpoints of foreign agents share: who calls, and how much one caller may."""

from __future__ import annotations

import msgspec

from weakspot.api.rate import RateLimiter
from weakspot.api.reads import Threads
from weakspot.api.wire import Scope, headers_of
from weakspot.runtime.clock import Clock
from weakspot.runtime.settings import Settings

REFUSALS = 30
"""So many refused attempts of one address in a minute are told why; good secrets go on working."""


class Client(msgspec.Struct, frozen=True):
    """One request as the endpoints see it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    address: str


class Pools:
    """Where work is done, and the limits on it. For the event loop's thread only."""

    def __init__(self, reads: Threads, settings: Settings, clock: Clock) -> None:
        self.reads = reads
        self.settings = settings
        self.clock = clock
        self._refusals = RateLimiter(REFUSALS, 60)

    def note_refusal(self, client: Client) -> None:
        """An attempt with a bad secret. Raises RateLimited where that address had too many in the last minute."""
        self._refusals.check(client.address, self.clock())


def client_of(scope: Scope) -> Client:
    """The request of a scope."""
    peer = scope.get("client") or ("", 0)
    return Client(
        scope["method"],
        scope["path"],
        scope.get("query_string", b"").decode("latin-1"),
        headers_of(scope),
        str(peer[0]),
    )
