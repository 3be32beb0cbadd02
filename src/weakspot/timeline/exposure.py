"""How many devices each recommendation and software exposed, day by day: recorded where it changed, for each group.

A list page reads the points of its own rows alone; nothing is worked out from intervals.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy.engine import Connection, Engine

from weakspot import inventory, recommendations
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet, FleetView
from weakspot.runtime.clock import DAY, Micros, to_iso
from weakspot.runtime.database import Database, in_chunks
from weakspot.timeline import exposure_store
from weakspot.timeline.exposure_store import Key

EVERYTHING = Scope(None)
DAYS = 30
KEPT_DAYS = DAYS + 1
_AT_ONCE = 500
_REMEMBERED = 50_000
"""Some 20 MiB of the numbers of 30 days."""


class Exposure(msgspec.Struct, frozen=True):
    """Exposed devices at the end of some days, oldest first; empty while nothing was recorded."""

    days: tuple[int, ...] = ()


def exposed_now(conn: Connection, fleet: Fleet, now: Micros) -> dict[Key, int]:
    """(recommendation or ``software_key``, device group) -> exposed devices, where there are any. Takes a while in a
    large fleet.
    """
    known, view = recommendations.current(conn, fleet), fleet.view()
    groups = list(zip(view.population.group_ids, view.population.members[1:], strict=True))
    found: dict[Key, int] = {}
    for made in recommendations.recommendations(known, view, EVERYTHING, to_iso(now)[:10]):
        devices = view.devices_of_versions(made.exposed, EVERYTHING)
        for group, members in groups if devices else ():
            if count := members.intersection_cardinality(devices):
                found[made.product.id, group] = count
    return found | _exposed_software(conn, view)


def software_key(public_id: str) -> str:
    """Under which name the points of a software are kept."""
    return f"software:{public_id}"


def _exposed_software(conn: Connection, view: FleetView) -> dict[Key, int]:
    counts: dict[tuple[int, int], int] = {}
    for group in view.population.group_ids:
        ids, _, exposed = view.software_counts(Scope(frozenset({group})))
        counts |= {(one, group): n for one, n in zip(ids.tolist(), exposed.tolist(), strict=True) if n}
    software = inventory.software(conn, sorted({one for one, _ in counts}))
    keys = {one: software_key(known.public_id) for one, known in software.items()}
    return {(keys[one], group): n for (one, group), n in counts.items() if one in keys}


def exposure_points(conn: Connection, now_there: dict[Key, int], now: Micros) -> list[tuple[Key, int]]:
    """What is to be recorded: where the number is not that of the newest point. At most one a day and key."""
    newest = exposure_store.newest(conn)
    today = now - now % DAY
    return [
        (key, now_there.get(key, 0))
        for key in sorted(now_there.keys() | newest.keys())
        if key not in newest or (newest[key][1] != now_there.get(key, 0) and newest[key][0] < today)
    ]


def record_exposure(database: Database, points: Sequence[tuple[Key, int]], now: Micros) -> None:
    """Append points, some at a time, so that reports need not wait for all of them; what no trend shows any more goes.

    Where it breaks off, the next call records the rest.
    """
    for some in in_chunks(points, _AT_ONCE):
        database.write(functools.partial(exposure_store.insert, at=now, points=some))
    database.write(lambda conn: exposure_store.prune(conn, now - KEPT_DAYS * DAY))


def exposures(conn: Connection, products: Iterable[str], scope: Scope, now: Micros) -> dict[str, Exposure]:
    """Of each recommendation, the devices of the scope that it concerned at the end of each of the last 30 days.

    Days before the first recording are left out: nothing is known of them. Read once a day and recording.
    """
    wanted = dict.fromkeys(products)
    today = now - now % DAY
    began, newest = exposure_store.extent(conn)
    ends = [end for end in (today - DAY * back for back in reversed(range(DAYS))) if began is not None and end > began]
    if not ends:
        return {one: Exposure() for one in wanted}
    known = _remembered(conn.engine, (today, newest))
    found = {one: made for one in wanted if (made := known.get((one, scope.group_ids))) is not None}
    if missing := [one for one in wanted if one not in found]:
        fresh = _read(conn, missing, scope, ends)
        if len(known) + len(fresh) > _REMEMBERED:  # bounded: scopes come from callers
            known.clear()
        known.update({(one, scope.group_ids): made for one, made in fresh.items()})
        found |= fresh
    return found


_Known = dict[tuple[str, frozenset[int] | None], Exposure]
_memories: weakref.WeakKeyDictionary[Engine, tuple[tuple[Micros, int], _Known]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _remembered(engine: Engine, stamp: tuple[Micros, int]) -> _Known:
    """What was read on that day after that recording, by product and device groups."""
    with _lock:
        last = _memories.get(engine)
        if last is None or last[0] != stamp:
            last = _memories[engine] = (stamp, {})
        return last[1]


def _read(conn: Connection, products: Iterable[str], scope: Scope, ends: Sequence[Micros]) -> dict[str, Exposure]:
    """At the ends of some days, the last of which is today's beginning."""
    by_key: dict[Key, list[tuple[Micros, int]]] = {}
    for product, group, at, devices in exposure_store.points(conn, products, ends[-1] - DAYS * DAY, ends[-1]):
        if scope.includes(group):
            by_key.setdefault((product, group), []).append((at, devices))
    totals = {one: [0] * len(ends) for one in products}
    for (product, _), steps in by_key.items():
        held, place = 0, 0
        for day, end in enumerate(ends):
            while place < len(steps) and steps[place][0] < end:
                held = steps[place][1]
                place += 1
            totals[product][day] += held
    return {one: Exposure(tuple(days)) for one, days in totals.items()}
