"""Figures of findings over time: as of a moment, between two, and every finding's life. ``python -m bench.intervals``

Baseline of a past day: the same without the fleet index, every inventory read. Baseline of the lives: the rules of one
device (``queries.findings``), device by device.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from bench._lines import emit, progress, timed
from bench._world import BenchWorld
from weakspot import inventory, matching
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet, FleetFollower
from weakspot.matching.tables import match
from weakspot.queries import ReadContext, findings, intervals
from weakspot.queries.lens import Lens
from weakspot.queries.vulnerable_past import past
from weakspot.runtime.clock import DAY, system_clock
from weakspot.scoring.rules.hazards import hazard, raised_hazard
from weakspot.workflows import record_report

REPORTS = 2_000
BUDGETS = {100_000: 1.5}
SAMPLE = 2_000


def run(devices: int) -> None:
    """All figures for one size."""
    with tempfile.TemporaryDirectory() as folder:
        world = BenchWorld(Path(folder), devices)
        progress(f"intervals: {devices:,} devices: publishing advisories and loading the fleet")
        world.know()
        world.load()
        before = system_clock()
        deltas = world.deltas(world.agents(), 3, REPORTS)
        for future in [record_report(world.services, one.key, plan.report, system_clock()) for one, plan in deltas]:
            future.result()
        figures(world, devices, before)
        world.close()


def known_for_a_year(conn: Connection) -> None:
    """As if the weaknesses had been known all the time: else there was nothing to find on a past day."""
    conn.execute(match.update().values(since=match.c.since - 365 * DAY))


class Measured(msgspec.Struct):
    """An answer and what it took; ``cpu``: seconds of this process."""

    seconds: float
    cpu: float
    value: Any


def _measured(ask: Callable[[], Any]) -> Measured:
    began, cpu = time.perf_counter(), time.process_time()
    value = ask()
    return Measured(time.perf_counter() - began, round(time.process_time() - cpu, 3), value)


def figures(world: BenchWorld, devices: int, before: int) -> None:
    """Questions about the fleet as it is and as it was before the reports."""
    world.database.write(known_for_a_year)
    follower = FleetFollower(world.database, hazard=hazard, raised=raised_hazard, clock=system_clock)
    view = follower.fleet.view()
    now = system_clock() + DAY
    some = range(1, min(SAMPLE, devices) + 1)
    with world.database.read() as conn:
        known = intervals.knowledge(conn)
        emit("intervals.knowledge", devices, timed(lambda: intervals.knowledge(conn)), "ms")
        budget = BUDGETS.get(devices)
        whole = _measured(lambda: intervals.as_of(conn, None, now, known))
        for days in (0, 14, 90):
            at = now - days * DAY
            found = _measured(lambda at=at: intervals.as_of(conn, None, at, known, view=view))
            emit(f"intervals.as_of.{days}_days", devices, found.seconds, "s", budget=budget, cpu=found.cpu,
                 baseline=whole.seconds, findings=found.value.count())  # fmt: skip
        found = _measured(lambda: intervals.between(conn, None, before, now, known, view=view))
        changed = found.value
        told = {"new": sum(map(len, changed.new.values())), "fixed": sum(map(len, changed.fixed.values()))}
        emit("intervals.between", devices, found.seconds, "s", budget=budget, cpu=found.cpu, **told)
        trends(conn, follower.fleet, devices)
        count = sum(len(one) for one in intervals.episodes_of(conn, some, known))
        took = timed(lambda: [None for _ in intervals.episodes_of(conn, some, known)])
        slow = timed(lambda: [one_by_one(conn, device, known) for device in some[:200]]) * len(some) / 200
        emit("intervals.episodes, 1,000 devices", devices, took * 1_000 / len(some), "ms",
             baseline=slow * 1_000 / len(some), episodes=count)  # fmt: skip
    follower.stop()


def trends(conn: Connection, fleet: Fleet, devices: int) -> None:
    """The charts of the vulnerable devices report on seven days, of everything and of a part."""
    now = system_clock() + DAY
    lens = Lens(ReadContext(conn=conn, fleet=fleet, now=now), Scope(None))
    filtered = {"severity": ("Unknown",), "os": ("debian",)}
    for days in (30, 365):
        moments = [now - days * DAY * one // 6 for one in range(6, -1, -1)]
        for name, filters in (("", {}), (".filtered", filtered)):
            found = _measured(lambda moments=moments, filters=filters: past(lens, filters, moments))
            emit(f"intervals.trends.{days}_days{name}", devices, found.seconds, "s", cpu=found.cpu,
                 exposed=sum(found.value[-1].charts["severity"].values()))  # fmt: skip


def one_by_one(conn: object, device: int, known: intervals.Knowledge) -> int:
    """The same by the rules of one device."""
    installed = [
        findings.Installation(version, since, findings.FOREVER)
        for version, since in inventory.installation_times(conn, device).items()  # type: ignore[arg-type]
    ]
    versions = [one.software_version_id for one in installed]
    found = matching.intervals(conn, versions)  # type: ignore[arg-type]
    return len(findings.derive(installed, found, {one: int(known.software_of[one]) for one in versions}))


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, nargs="+", default=[10_000])
    for devices in parser.parse_args().devices:
        run(devices)


if __name__ == "__main__":
    main()
