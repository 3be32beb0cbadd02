"""End of support as events: lines of installed products whose support ended in the last days."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from weakspot import recommendations
from weakspot.fleet import Fleet
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros, to_iso
from weakspot.timeline import store
from weakspot.timeline.contracts import TIMELINE_CHANGED, Event
from weakspot.timeline.looking import MAX_EVENTS, impacts

SUPPORT_DAYS = 7


def end_of_support(conn: Connection, fleet: Fleet, now: Micros) -> list[tuple[str, Event]]:
    """Lines of installed products whose support ended in the last days, under keys that make each told once.

    What ended long ago when it is first seen is no news.
    """
    catalogue, view = recommendations.current(conn, fleet), fleet.view()
    earliest, today = to_iso(now - SUPPORT_DAYS * DAY)[:10], to_iso(now)[:10]
    lines: dict[tuple[str, str, str], list[int]] = {}
    for version, advice in catalogue.advice.items():
        support, product = advice.support, catalogue.product_of.get(version)
        if support is None or support.ends_on is None or product is None:
            continue
        if earliest < support.ends_on <= today and view.installed[version]:
            lines.setdefault((product, support.cycle, support.ends_on), []).append(version)
    return [
        (
            f"end_of_support:{product}:{cycle}:{ended}",
            Event(
                id=0,
                at=now,
                type="end_of_support",
                product=product,
                product_name=catalogue.products[product].name,
                vulnerabilities=tuple(view.vulnerabilities_of_versions(versions)),
                impacts=impacts(view, view.carrying(versions)),
                score_change=None,
                subject=cycle,
                what=ended,
            ),
        )
        for (product, cycle, ended), versions in sorted(lines.items())[:MAX_EVENTS]
    ]


def tell_end_of_support(conn: Connection, found: Sequence[tuple[str, Event]], now: Micros) -> int:
    """Write those that were not told yet, in the caller's unit of work. Returns how many."""
    written = store.insert(conn, found)
    if written:
        changes.append(conn, now, TIMELINE_CHANGED, {"event_ids": written})
    return len(written)
