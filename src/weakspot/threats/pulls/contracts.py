"""What crosses the border of the pulls."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot.runtime.clock import Micros


class PullState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a connection has come.

    since_at: updates before it were taken (None: never asked to the end). walk_started_at, newest_at, next_link: of a
    walk through pages that has not ended. not_before_at: no earlier try. failures: in a row. taken: alerts so far.
    """

    since_at: Micros | None = None
    walk_started_at: Micros | None = None
    newest_at: Micros | None = None
    next_link: str = ""
    last_success_at: Micros | None = None
    not_before_at: Micros = 0
    failures: int = 0
    failure: str = ""
    taken: int = 0


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """A connection to a product that is asked for its alerts; secrets are not in it."""

    id: int
    name: str
    kind: str
    settings: dict[str, str]
    is_enabled: bool
    created_at: Micros
    state: PullState


class Page(msgspec.Struct, frozen=True):
    """Alerts as the product writes them, when the newest of them was updated, and where the next page is."""

    alerts: list[dict[str, Any]]
    newest_at: Micros | None
    next_link: str
