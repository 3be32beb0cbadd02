"""When a connection is asked, from when on, and how long it waits after a failure. Pure."""

from __future__ import annotations

from weakspot.runtime.clock import DAY, SECOND, Micros
from weakspot.threats.pulls.contracts import PullState

MINUTE: Micros = 60 * SECOND
EVERY: Micros = MINUTE
LOOK_BACK: Micros = 30 * DAY
"""How old alerts are that the first walk asks for; what the products keep at least."""
OVERLAP: Micros = 5 * MINUTE
"""Asked for again each time: an update may become visible later than one with a newer time."""
STALE_AFTER: Micros = 15 * MINUTE
_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 3600.0


def start_of(state: PullState, now: Micros) -> Micros:
    """From which update on alerts are asked for."""
    return now - LOOK_BACK if state.since_at is None else state.since_at - OVERLAP


def pause(failures: int, retry_after: float | None) -> Micros:
    """How long to wait after so many failures in a row (1 or more): doubled each time up to an hour, and never less
    than what the product asks for.
    """
    doubled = min(_FIRST_PAUSE * 2.0 ** min(failures - 1, 20), _LONGEST_PAUSE)
    return int(max(doubled if retry_after is None else retry_after, 1.0) * SECOND)


def reached(state: PullState, started_at: Micros, newest_at: Micros | None) -> Micros | None:
    """Up to where updates were taken by a walk that ended: what changed during it may have been missed."""
    if newest_at is None:
        return state.since_at
    return max(min(newest_at, started_at), state.since_at or 0)


def is_stale(state: PullState, created_at: Micros, now: Micros) -> bool:
    """Whether nothing was heard for a quarter of an hour."""
    return now - (state.last_success_at or created_at) > STALE_AFTER
