"""Scores are recorded as they are seen: with the exceptions that hold, and as detected."""

from __future__ import annotations

import functools

from weakspot import recommendations, scoring
from weakspot.fleet import Fleet, FleetView
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database, in_chunks

_AT_ONCE = 1_000
"""Points that are written in one unit of work."""


def record_scores(database: Database, fleet: Fleet, now: Micros, *, devices: bool = False) -> int:
    """Append the scores that changed: of the organisation and the groups, and of the devices where asked. How many."""
    view = fleet.view()
    excepted = _excepted(database, fleet, view, now)
    with database.read() as conn:
        points = scoring.points_due(conn, view, now, excepted=excepted, devices=devices)
    # Some at a time, so that reports need not wait for all of them. Where it breaks off, the next call goes on.
    parts = (functools.partial(scoring.record_points, points=some) for some in in_chunks(points, _AT_ONCE))
    return sum(map(database.write, parts))


def active_score_differences(database: Database, fleet: Fleet, now: Micros) -> list[str]:
    """Where the active hazards of the index are not what the covers give device by device."""
    return _excepted(database, fleet, view := fleet.view(), now).differences(view.population.all_devices())


def _excepted(database: Database, fleet: Fleet, view: FleetView, now: Micros) -> scoring.Excepted:
    with database.read() as conn:
        return recommendations.in_force(conn, fleet, view, now).reducing
