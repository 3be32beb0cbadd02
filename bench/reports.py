"""Figures of the report path and the matching, in one process. ``python -m bench.reports [--devices N]``

A simulated fleet with advisories about its Debian devices; every report is decoded, checked, recorded, judged and
committed with ``synchronous=FULL``, as the server does, with 64 of them waiting at a time.
"""

from __future__ import annotations

import argparse
import collections
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from bench._lines import emit, progress, timed
from bench._world import BenchWorld
from tests.support import postgres
from weakspot import intel, inventory, matching
from weakspot.inventory import tables
from weakspot.inventory.contracts import Report
from weakspot.matching.rules.assess import verdicts
from weakspot.matching.rules.supersedence import NO_SUPERSEDENCE
from weakspot.runtime.clock import system_clock
from weakspot.simulate import Agent, Planned
from weakspot.vocabulary import versions
from weakspot.workflows import record_report

WAITING = 64
_decoder = msgspec.json.Decoder(Report)


def run(devices: int) -> None:
    """All figures for one size."""
    with tempfile.TemporaryDirectory() as folder:
        world = BenchWorld(Path(folder), devices)
        progress(f"reports: {devices:,} devices: publishing advisories and loading the fleet")
        ranges = world.know()
        took = timed(world.load) / 1000
        emit("simulate.load", devices, took, "s")
        disk(world, devices)
        match(world, devices, ranges)
        agents = world.agents()
        deltas(world, devices, agents, "reports.delta", 3_000.0)
        fulls(world, devices, agents[:1_500], "reports.full")
        world.close()


def on_postgresql(devices: int) -> None:
    """Reports into PostgreSQL on this machine, with every commit on the disk."""
    if postgres.programs() is None:
        progress(f"reports: not measured: {postgres.MISSING}")
        return
    cluster = postgres.Cluster(fsync="on")
    try:
        with tempfile.TemporaryDirectory() as folder:
            world = BenchWorld(Path(folder), devices, cluster.url(cluster.create()))
            progress(f"reports: {devices:,} devices: loading PostgreSQL")
            world.know()
            world.load()
            agents = world.agents()
            deltas(world, devices, agents, "reports.delta.postgresql", 2_000.0)
            fulls(world, devices, agents[:1_500], "reports.full.postgresql")
            world.close()
    finally:
        cluster.close()


def disk(world: BenchWorld, devices: int) -> None:
    """What the devices' own rows take, evidence included; software, advisories and matches apart."""
    own = [
        tables.device, tables.device_decision, tables.device_seen, tables.hardware_id, tables.device_key,
        tables.device_inventory, tables.device_evidence, tables.ended_installation,
    ]  # fmt: skip
    names = [name for table in own for name in (table.name, *(str(index.name) for index in table.indexes))]
    with world.database.read() as conn:
        try:
            query = sa.text("SELECT SUM(pgsize) FROM dbstat WHERE name IN :names OR name LIKE :autoindex")
            query = query.bindparams(sa.bindparam("names", names, expanding=True))
            size = conn.execute(query, {"autoindex": "sqlite_autoindex_inventory_%"}).scalar_one()
        except sa.exc.OperationalError:
            # This SQLite was built without the page statistics: the lengths of the big columns.
            size = sum(_bytes_of(conn, table) for table in own)
    emit("disk.device", devices, size / devices / 1000, "kB", budget=6.0)


def _bytes_of(conn: Any, table: sa.Table) -> int:
    each = [sa.func.coalesce(sa.func.length(sa.cast(column, sa.LargeBinary)), 0) for column in table.c]
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.sum(sum(each[1:], each[0])), 0))).scalar_one())


def match(world: BenchWorld, devices: int, ranges: int) -> None:
    """Judge every software version afresh, beside judging each installation of each device pairwise."""
    with world.database.read() as conn:
        ids = sorted(inventory.software_of(conn, None))
        matching.derive(conn, ids[:100])
        began = time.perf_counter()
        _, found, _ = matching.derive(conn, ids)
        seconds = time.perf_counter() - began
        known = inventory.software_versions(conn, ids)
        candidates = [one for version in known.values() for one in matching.candidates(version, "")]
        claims = intel.claims(conn, {(one.ecosystem, one.name) for one in candidates})
        rules = timed(lambda: verdicts(candidates, claims, NO_SUPERSEDENCE, intel.precedence)) / 1000
        pairwise = _pairwise(world, claims)
    emit("matching.matches", devices, len(found) / seconds, "matches/s", versions=len(ids), ranges=ranges,
         found=len(found))  # fmt: skip
    emit("matching.rematch", devices, seconds, "s", budget=2.0, baseline=pairwise * devices, versions=len(ids))
    emit("matching.rules", devices, rules, "s", candidates=len(candidates))


def _pairwise(world: BenchWorld, claims: dict[Any, list[Any]]) -> float:
    """Seconds for one device, on the average of some: every installation against every range of its package, by
    comparing version with version."""
    sample = list(range(0, world.population.devices, max(1, world.population.devices // 50)))
    work = []
    for device in sample:
        items = [world.wire.item(one) for one in world.population.installed(device, 0).tolist()]
        work += [(item.version, one.fixed) for item in items for one in claims.get(("Debian:12", item.name), ())
                 if item.type == "dpkg"]  # fmt: skip
    order = versions.SCHEMES["dpkg"]

    def compare() -> None:
        for installed, fixed in work:
            order.key(installed) < order.key(fixed or "")  # noqa: B015 - the comparison is what is timed

    return timed(compare) / 1000 / len(sample)


def deltas(world: BenchWorld, devices: int, agents: list[Agent], name: str, budget: float) -> None:
    """Delta reports of three days' changes."""
    progress("reports: deltas")
    planned = world.deltas(agents, 3, 6_000)
    for agent, one in planned:
        agent.confirmed(one)
    changed = sum(len(one.report.added) + len(one.report.removed) for _, one in planned) / max(1, len(planned))
    warm, measured = planned[: len(planned) // 3], planned[len(planned) // 3 :]
    _record(world, warm)
    seconds, cpu = _record(world, measured)
    emit(name, devices, len(measured) / seconds, "reports/s", budget=budget, changes=round(changed, 1),
         cpu_ms=round(cpu / len(measured) * 1000, 3))  # fmt: skip


def fulls(world: BenchWorld, devices: int, agents: Sequence[Agent], name: str) -> None:
    """Full reports of what is installed; every fifth device has changed since."""
    progress("reports: full inventories")
    planned = []
    for agent in agents:
        agent.refused()
        planned.append((agent, agent.plan(9, system_clock())))
    size = sum(len(one.report.software) for _, one in planned) / len(planned)
    _record(world, planned[:300])
    seconds, cpu = _record(world, planned[300:])
    count = len(planned) - 300
    emit(name, devices, count / seconds, "reports/s", budget=500.0, installations=round(size),
         cpu_ms=round(cpu / count * 1000, 3))  # fmt: skip


def _record(world: BenchWorld, planned: Sequence[tuple[Agent, Planned]]) -> tuple[float, float]:
    """Seconds by the clock and of this process's CPU."""
    bodies = [(agent.key, one.encoded()) for agent, one in planned]
    began, cpu = time.perf_counter(), time.process_time()
    waiting: collections.deque[Future[Any]] = collections.deque()
    for key, body in bodies:
        waiting.append(record_report(world.services, key, _decoder.decode(body), system_clock()))
        if len(waiting) >= WAITING:
            waiting.popleft().result()
    for one in waiting:
        one.result()
    return time.perf_counter() - began, time.process_time() - cpu


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[10_000])
    parser.add_argument("--postgresql", action="store_true", help="into PostgreSQL instead of SQLite")
    options = parser.parse_args()
    for devices in options.devices:
        (on_postgresql if options.postgresql else run)(devices)


if __name__ == "__main__":
    main()
