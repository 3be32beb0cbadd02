"""Figures of decisions about many devices at once. ``python -m bench.decisions [--devices N ...]``

From the transaction to the fleet index and the remembered columns of the lists; ``cpu`` is what this process used of
it. An exception is one of the commonest software on every device: what it takes from all scores and counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from bench._lines import emit, progress
from bench._world import BenchWorld
from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.fleet import FleetFollower
from weakspot.inventory import labels
from weakspot.inventory.rules.grouping import Condition, MatchingRule
from weakspot.queries.base import ReadContext
from weakspot.queries.memory import memory_of, warm
from weakspot.runtime import changes
from weakspot.runtime.clock import system_clock
from weakspot.scoring import Cover, Excepted, organisation_score
from weakspot.scoring.rules.hazards import hazard, raised_hazard

EVERYTHING = Scope(None)
BUDGETS = {100_000: 1.0}


class Bench:
    """A loaded world with its index and warm columns."""

    def __init__(self, world: BenchWorld, devices: int) -> None:
        self.world = world
        self.devices = devices
        self.follower = FleetFollower(world.database, hazard=hazard, raised=raised_hazard, clock=system_clock)
        with world.database.read() as conn:
            warm(self.context(conn))
            self.every = inventory.fleet_places(conn, None, system_clock()).devices

    def context(self, conn: Connection) -> ReadContext:
        """What a page reads with."""
        return ReadContext(conn=conn, fleet=self.follower.fleet, now=system_clock())

    def decide(self, name: str, unit: Callable[[Connection], object]) -> None:
        """One figure: write, follow, and read as the next page would."""
        began, cpu = time.perf_counter(), time.process_time()
        self.world.database.write(unit)
        with self.world.database.read() as conn:
            assert self.follower.fleet.wait_for(changes.last_seq(conn), 300.0)
            memory_of(self.follower.fleet).devices(self.context(conn))
        organisation_score(self.follower.fleet, EVERYTHING)
        used = time.process_time() - cpu
        emit(f"decisions.{name}", self.devices, time.perf_counter() - began, "s",
             budget=BUDGETS.get(self.devices), cpu=round(used, 3))  # fmt: skip


def run(devices: int) -> None:
    """All figures for one size."""
    with tempfile.TemporaryDirectory() as folder:
        world = BenchWorld(Path(folder), devices)
        progress(f"decisions: {devices:,} devices: publishing advisories and loading the fleet")
        world.know()
        world.load()
        bench = Bench(world, devices)
        now = system_clock()
        every, half = bench.every, BitMap(bench.every[: len(bench.every) // 2])
        rule = MatchingRule(conditions=(Condition(kind="name", operator="contains", values=tuple("02468")),))
        made: list[int] = []
        bench.decide("value", lambda conn: labels.choose_value(conn, every, "High", now))
        bench.decide("exclude.all", lambda conn: labels.exclude(conn, every, "figures", now))
        bench.decide("include.all", lambda conn: labels.exclude(conn, every, None, now))
        bench.decide("exclude.half", lambda conn: labels.exclude(conn, half, "figures", now))
        bench.decide("include.half", lambda conn: labels.exclude(conn, half, None, now))
        bench.decide("group.new", lambda conn: made.append(labels.create_group(conn, "Figures", "", rule, now)))
        with world.database.read() as conn:
            others = [one.id for one in inventory.groups(conn) if one.id not in (made[0], 1)]
        bench.decide("group.first", lambda conn: labels.order_groups(conn, [*made, *others], now))
        bench.decide("group.delete", lambda conn: labels.delete_group(conn, made[0], now))
        bench.decide("tag", lambda conn: labels.change_tags(conn, every, ["figures"], [], now))
        exception(bench)
        bench.follower.stop()
        world.close()


def exception(bench: Bench) -> None:
    """What an exception of one software on all devices takes away: counts and the score of all devices."""
    view = bench.follower.fleet.view().successor()
    software, _, exposed = view.software_counts(EVERYTHING)
    versions = view.versions_of_software(int(software[np.argmax(exposed)])).tolist()
    began = time.perf_counter()
    cover = Cover(
        versions=frozenset(versions), vulnerabilities=view.vulnerabilities_of_versions(versions), devices=bench.every
    )
    excepted = Excepted(view, [cover])
    excepted.score(EVERYTHING)
    hidden = excepted.counts(EVERYTHING)
    emit("decisions.exception", bench.devices, time.perf_counter() - began, "s",
         budget=BUDGETS.get(bench.devices), vulnerabilities=len(hidden))  # fmt: skip


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[10_000])
    for devices in parser.parse_args().devices:
        run(devices)


if __name__ == "__main__":
    main()
