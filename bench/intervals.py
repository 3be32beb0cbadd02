"""Figures of findings over time: as of a moment, between two, and every finding's life. ``python -m bench.intervals``

Baseline of the lives: the rules of one device (``queries.findings``), device by device.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench._lines import emit, progress, timed
from bench._world import BenchWorld
from weakspot import inventory, matching
from weakspot.queries import findings, intervals
from weakspot.runtime.clock import DAY, system_clock
from weakspot.workflows import record_report

REPORTS = 2_000
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


def figures(world: BenchWorld, devices: int, before: int) -> None:
    """Questions about the fleet as it is and as it was before the reports."""
    now = system_clock() + DAY
    some = range(1, min(SAMPLE, devices) + 1)
    with world.database.read() as conn:
        known = intervals.knowledge(conn)
        emit("intervals.knowledge", devices, timed(lambda: intervals.knowledge(conn)), "ms")
        here = intervals.as_of(conn, None, now, known)
        took = timed(lambda: intervals.as_of(conn, None, now, known)) / 1000
        emit("intervals.as_of", devices, took, "s", findings=here.count())
        changed = intervals.between(conn, None, before, now, known)
        took = timed(lambda: intervals.between(conn, None, before, now, known)) / 1000
        told = {"new": sum(map(len, changed.new.values())), "fixed": sum(map(len, changed.fixed.values()))}
        emit("intervals.between", devices, took, "s", **told)
        count = sum(len(one) for one in intervals.episodes_of(conn, some, known))
        took = timed(lambda: [None for _ in intervals.episodes_of(conn, some, known)])
        slow = timed(lambda: [one_by_one(conn, device, known) for device in some[:200]]) * len(some) / 200
        emit("intervals.episodes, 1,000 devices", devices, took * 1_000 / len(some), "ms",
             baseline=slow * 1_000 / len(some), episodes=count)  # fmt: skip


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
