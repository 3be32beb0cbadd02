"""A fleet that reports for a long time, with readers and feed changes beside it. ``make soak``

Environment: SOAK_SECONDS (1800), SOAK_DEVICES (100000), SOAK_RATE (300 reports a second).

Prints one JSON line a minute, one at the end, and a verdict in a sentence. It fails when a request failed, a report was
refused or did not become visible, or ``weakspot check`` finds a difference at the end. What was reached is told beside
what is wanted and never fails: machines differ, ``stolen`` says how much of this one its host gave to others, and
``load_average`` how many wanted its processors.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bench._lines import progress
from bench._machine import Stolen, anonymous_mib, cpu_seconds
from bench._world import SEED, BenchWorld
from bench.server import Observed, probe_of, under_load, warm
from tests.soak.planner import Planner
from tests.soak.told import Minute, Wanted, summary, verdict, waited
from tests.support.server import ServerProcess
from weakspot.simulate import Agent, Line, Population

MINUTE = 60.0
READERS = 20
CONNECTIONS = 32


def feed_change(server: ServerProcess, mirror: Path, number: int) -> None:
    """One more advisory of our own, taken in by the running server."""
    events = [{"introduced": "0"}, {"fixed": f"{number}.0-1"}]
    package = {"ecosystem": "Debian:12", "name": f"soak{number}"}
    record = {
        "id": f"OWN-SOAK-{number}",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }
    (mirror / "own").mkdir(parents=True, exist_ok=True)
    (mirror / "own" / f"OWN-SOAK-{number}.json").write_text(json.dumps(record), "utf-8")
    outcomes = server.sync(mirror, "own")
    assert all(one["status"] == "succeeded" for one in outcomes), outcomes


async def load(
    server: ServerProcess, mirror: Path, number: int, planner: Planner, probe: Agent, rate: float, seconds: float
) -> tuple[Observed, Line]:
    """One minute's load with one feed change."""
    line = Line(server.url, connections=CONNECTIONS)
    work = planner.reports(time.monotonic() + seconds)
    feeding = asyncio.create_task(asyncio.to_thread(feed_change, server, mirror, number))
    seen = await under_load(server, work, probe, rate, line, READERS, knocks=False)
    await feeding
    return seen, line


def lag_of(server: ServerProcess) -> dict[float, float]:
    """How long commits waited for the index so far."""
    return waited(server.admin("GET", "/api/v1/metrics").body.decode())


def soak(
    server: ServerProcess, mirror: Path, planner: Planner, probe: Agent, rate: float, seconds: float
) -> list[Minute]:
    """Every minute of it; each is told when it is over."""
    minutes: list[Minute] = []
    asyncio.run(warm(server))
    gc.freeze()  # what was loaded stays: looking through it would take the sender's time
    stolen = Stolen()
    for number in range(max(1, round(seconds / MINUTE))):
        before, had = (cpu_seconds(server.pid), time.process_time()), lag_of(server)
        began = time.monotonic()
        seen, line = asyncio.run(load(server, mirror, number, planner, probe, rate, min(seconds, MINUTE)))
        took = time.monotonic() - began
        after = cpu_seconds(server.pid), time.process_time()
        spent = [(now - then) / took for now, then in zip(after, before, strict=True)]
        memory, busy = anonymous_mib(server.pid), os.getloadavg()[0]
        lag = {end: count - had[end] for end, count in lag_of(server).items()}
        minutes.append(Minute.of(number, took, seen, line.sent, memory, spent, stolen.share(), busy, lag))
        print(json.dumps(minutes[-1].told()), flush=True)
    return minutes


def main() -> int:
    """Run. Returns the exit status."""
    seconds = float(os.environ.get("SOAK_SECONDS", "1800"))
    devices = int(os.environ.get("SOAK_DEVICES", "100000"))
    rate = float(os.environ.get("SOAK_RATE", "300"))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        apart = probe_of(Population(SEED, devices))
        planned = Path(folder) / "reports"
        planner = Planner(planned, SEED, devices, apart, round(1.02 * rate * seconds), tells_settings=True)
        world = BenchWorld(data, devices, tells_settings=True)
        world.know()
        world.load()
        probe = world.agent(apart)
        world.close()
        progress("soak: waiting until the reports are planned")
        planner.wait()
        server = ServerProcess(data)
        try:
            server.start()
            minutes = soak(server, Path(folder) / "own-mirror", planner, probe, rate, seconds)
            progress("soak: comparing everything with a rebuild")
            checked = server.cli("check", timeout_seconds=1_800)
        finally:
            planner.close()
            server.stop()
    failures = [failure for one in minutes for failure in one.failures]
    if checked.returncode:
        failures.append(checked.stdout[-2_000:] + checked.stderr[-500:])
    wanted = Wanted(rate=rate)
    print(json.dumps(summary(minutes, is_exact=not checked.returncode)), flush=True)
    for failure in failures[:20]:
        progress(failure)
    progress(verdict(minutes, wanted, failures=len(failures), is_exact=not checked.returncode))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
