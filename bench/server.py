"""Figures of a real server process on loopback. ``python -m bench.server [--devices N] [--seconds S] [--rate R]``

A loaded fleet reports at a steady rate while readers ask for pages. Beside them one probe device gains and loses a
vulnerable package: ``visible`` is the time from the server's answer to the probe's report until its device page, which
is made from the fleet index, shows the other number of weaknesses; reading that page is part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import gc
import itertools
import json
import random
import tempfile
import time
from collections.abc import AsyncIterable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bench._lines import emit, percentile, progress
from bench._machine import anonymous_mib, cpu_seconds, resident_mib
from bench._world import SECRET, SEED, BenchWorld
from tests.support.server import ServerProcess
from weakspot.runtime.clock import system_clock
from weakspot.simulate import (
    FAMILIES,
    Agent,
    Connection,
    Line,
    Population,
    Rounds,
    Sealed,
    at_rate,
    device_key,
    public_id,
)
from weakspot.simulate.catalogue import RELEASES

READERS = 8
AT_MOST = 256
"""Reports without an answer. A server that is too slow for the rate is shown by the rate that it takes."""
PAGES = (
    "/api/v1/dashboard",
    "/api/v1/weaknesses?page_size=50",
    "/api/v1/software?page_size=50",
    "/api/v1/devices?page_size=50",
    "/api/v1/weaknesses?page_size=50&sort=name&severity=Critical",
)
READ_EVERY_SECONDS = 2.0
PROBE_EVERY_SECONDS = 0.5
"""Rarely: each time asks for several pages, and they are not part of the load that is measured."""
KNOCK_EVERY_SECONDS = 0.05
LOOK_AGAIN_SECONDS = 0.002
LOST_AFTER_SECONDS = 60.0


class Observed:
    """What a run gave: milliseconds, and what went wrong."""

    def __init__(self) -> None:
        self.visible: list[float] = []
        self.pages: list[float] = []
        self.refusals: list[float] = []
        self.errors: list[str] = []


async def under_load(
    server: ServerProcess,
    work: Iterable[Sealed] | AsyncIterable[Sealed],
    probe: Agent,
    rate: float,
    line: Line,
    readers: int = READERS,
    *,
    knocks: bool = True,
) -> Observed:
    """Send the reports at ``rate`` a second, with readers and the probe beside them.

    knocks: also see how late the event loop is, which takes some of the load itself.
    """
    seen = Observed()
    beside = [asyncio.create_task(_read(server, number, readers, seen)) for number in range(readers)]
    if knocks:
        beside.append(asyncio.create_task(_knock(server, seen)))
    over = asyncio.Event()
    probing = asyncio.create_task(_probe(server, probe, seen, over))
    try:
        _, line.sent.late = await at_rate(work, rate, line.deliver, at_most=AT_MOST)
    finally:
        for task in beside:
            task.cancel()
        over.set()  # not cancelled: what became of its report on the way would not be known
        for ended in await asyncio.gather(probing, *beside, return_exceptions=True):
            if isinstance(ended, Exception):
                seen.errors.append(repr(ended))
        await line.close()
    return seen


async def warm(server: ServerProcess) -> None:
    """The first readers after a start wait for what later ones find made; that wait is not what is measured here."""
    connection = Connection(server.url)
    for page in PAGES:
        await connection.request("GET", page, server.admin_token)
    await connection.close()


async def _read(server: ServerProcess, number: int, readers: int, seen: Observed) -> None:
    connection = Connection(server.url)
    await asyncio.sleep(READ_EVERY_SECONDS * number / readers)
    while True:
        began = time.perf_counter()
        answer = await connection.request("GET", PAGES[number % len(PAGES)], server.admin_token)
        seen.pages.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            seen.errors.append(f"{PAGES[number % len(PAGES)]}: {answer.status}")
        number += 1
        await asyncio.sleep(READ_EVERY_SECONDS)


async def _knock(server: ServerProcess, seen: Observed) -> None:
    """What the event loop answers by itself, without a database or a thread: how late that is, is how late the loop is.

    The processes of this run share the processors, so the figure is an upper bound.
    """
    connection = Connection(server.url)
    while True:
        began = time.perf_counter()
        answer = await connection.request("GET", "/api/v1/nothing-here", "")
        seen.refusals.append((time.perf_counter() - began) * 1000)
        if answer.status not in (401, 404):
            seen.errors.append(f"an undeclared path: {answer.status}")
        await asyncio.sleep(KNOCK_EVERY_SECONDS)


async def _probe(server: ServerProcess, probe: Agent, seen: Observed, over: asyncio.Event) -> None:
    connection = Connection(server.url)
    line = Line(server.url, connections=1)
    assert probe.numbers is not None
    base, weak = probe.numbers, weak_numbers(probe)
    page = f"/api/v1/devices/{public_id(SECRET, probe.device)}"
    shown = await _weaknesses(connection, server, page)
    while not over.is_set():
        numbers = np.union1d(base, weak) if len(probe.numbers) == len(base) else base
        status = await line.report(probe, probe.plan(0, system_clock(), numbers))
        began = time.perf_counter()
        if status != 200:
            seen.errors.append(f"probe: {status} {line.sent.reasons}")
            return
        pause = LOOK_AGAIN_SECONDS
        while (now := await _weaknesses(connection, server, page)) == shown:
            if time.perf_counter() - began > LOST_AFTER_SECONDS:
                seen.errors.append("a report did not become visible")
                return
            await asyncio.sleep(pause)  # asking without a pause would load the server more than its readers do
            pause = min(pause * 2, READ_EVERY_SECONDS / 10)
        seen.visible.append((time.perf_counter() - began) * 1000)
        shown = now
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), PROBE_EVERY_SECONDS)
    await connection.close()
    await line.close()


async def _weaknesses(connection: Connection, server: ServerProcess, page: str) -> int:
    answer = await connection.request("GET", page, server.admin_token)
    assert answer.status == 200, answer.body[:300]
    return int(json.loads(answer.body)["device"]["weaknesses"])


def weak_numbers(probe: Agent) -> Any:
    """Old releases of some software that the probe, a Debian device, does not have: next to all of it is weak."""
    assert probe.numbers is not None
    family = probe.wire.population.family(probe.device)
    starts = probe.wire.population.catalogue.starts
    absent = np.setdiff1d(np.arange(starts[family], starts[family + 1]), probe.numbers // RELEASES)
    return absent[-3:] * RELEASES


def probe_of(population: Population) -> int:
    """A Debian device, which is not among those that report."""
    wanted = next(number for number, family in enumerate(FAMILIES) if family.key == "deb")
    return next(device for device in reversed(range(population.devices)) if population.family(device) == wanted)


def sealed(world: BenchWorld, probe: int, limit: int) -> list[Sealed]:
    """Deltas of three days, encoded: nothing is left to do for who measures but to send them."""
    deltas = Rounds(world.wire, functools.partial(device_key, SECRET)).deltas(3, system_clock)
    found = list(itertools.islice((one for one in deltas if one.device != probe), limit))
    random.Random(SEED).shuffle(found)
    return found


def run(devices: int, seconds: float, rate: float) -> None:
    """All figures for one size."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        world = BenchWorld(data, devices)
        progress(f"server: {devices:,} devices: loading")
        world.know()
        world.load()
        probe = world.agent(probe_of(world.population))
        planned = sealed(world, probe.device, int(seconds * rate) + 1)
        world.close()
        server = ServerProcess(data, environment={"WEAKSPOT_INTAKE": "process"})  # as a fleet of budget size has it
        began = time.perf_counter()
        server.start()
        try:
            emit("server.first_start", devices, time.perf_counter() - began, "s")
            emit("server.memory_per_1000", devices, resident_mib(server.pid) * 1000 / devices, "MiB/1000 devices",
                 process=round(resident_mib(server.pid), 1))  # fmt: skip
            progress(f"server: {len(planned):,} reports at {rate:g} a second")
            asyncio.run(warm(server))
            gc.freeze()
            before = cpu_seconds(server.pid)
            line = Line(server.url, connections=32)
            began = time.perf_counter()
            seen = asyncio.run(under_load(server, planned, probe, rate, line))
            took = time.perf_counter() - began
            tell(devices, rate, line, seen, took, cpu_seconds(server.pid) - before)
            emit("server.memory_after", devices, resident_mib(server.pid), "MiB",
                 anonymous=round(anonymous_mib(server.pid), 1),
                 budget={100_000: 600.0, 1_000_000: 2_000.0}.get(devices))  # fmt: skip
            server.stop()
            began = time.perf_counter()
            server.start()
            emit(
                "server.restart", devices, time.perf_counter() - began, "s", budget=3.0 if devices <= 100_000 else 15.0
            )
        finally:
            server.stop()


def tell(devices: int, rate: float, line: Line, seen: Observed, took: float, cpu: float) -> None:
    """Print what a run gave."""
    p50, p99 = (5.0, 30.0) if devices <= 100_000 else (10.0, 60.0)
    reports = [one * 1000 for one in line.sent.seconds]
    emit("server.reports", devices, line.sent.accepted / took, "reports/s", asked=rate, refused=line.sent.refused,
         resyncs=line.sent.resyncs, late_ms=round(line.sent.late * 1000, 1), errors=seen.errors[:3])  # fmt: skip
    emit("server.cpu", devices, cpu / took, "cores")
    emit("server.answer.p50", devices, percentile(reports, 0.5), "ms")
    emit("server.answer.p99", devices, percentile(reports, 0.99), "ms")
    if seen.visible:
        emit("server.visible.p50", devices, percentile(seen.visible, 0.5), "ms", budget=p50, probes=len(seen.visible))
        emit("server.visible.p99", devices, percentile(seen.visible, 0.99), "ms", budget=p99, probes=len(seen.visible))
    if seen.refusals:
        emit("server.loop.p99", devices, percentile(seen.refusals, 0.99), "ms",
             budget=20.0 if devices <= 100_000 else 30.0, p50=round(percentile(seen.refusals, 0.5), 2))  # fmt: skip
    if seen.pages:
        emit(
            "server.pages.p95",
            devices,
            percentile(seen.pages, 0.95),
            "ms",
            budget=60.0 if devices <= 100_000 else 200.0,
        )


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[10_000])
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rate", type=float, default=300.0)
    options = parser.parse_args()
    for devices in options.devices:
        run(devices, options.seconds, options.rate)


if __name__ == "__main__":
    main()
