"""A fleet that reports for a long time, with readers and feed changes beside it. ``make soak``

Environment: SOAK_SECONDS (1800), SOAK_DEVICES (100000), SOAK_RATE (300 reports a second). Prints one JSON line a minute
and fails when a request failed, a report did not become visible, or ``weakspot check`` finds a difference at the end.
Memory is told with its slope; what it may be is for the reader to judge.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench._lines import percentile, progress
from bench._world import BenchWorld
from bench.server import Observed, probe_of, resident_mib, under_load, warm
from tests.support.server import ServerProcess
from weakspot.runtime.clock import system_clock
from weakspot.simulate import Agent, Line, Planned

MINUTE = 60.0
READERS = 20


def endless(agents: list[Agent]) -> Iterator[tuple[Agent, Planned]]:
    """Deltas of one device after the other, each three days on from its last one; planned as they are asked for."""
    while True:
        for agent in agents:
            planned = agent.plan(agent.day + 3, system_clock())
            if planned.is_news:
                yield agent, planned


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


async def minute(
    server: ServerProcess, mirror: Path, number: int, work: Iterator[tuple[Agent, Planned]], probe: Agent, rate: float,
    seconds: float,
) -> tuple[Observed, Line]:  # fmt: skip
    """One minute's load with one feed change."""
    line = Line(server.url, connections=32)
    until = time.monotonic() + seconds

    def some() -> Iterator[tuple[Agent, Planned]]:
        for one in work:
            yield one
            if time.monotonic() >= until:
                return

    feeding = asyncio.create_task(asyncio.to_thread(feed_change, server, mirror, number))
    seen = await under_load(server, some(), probe, rate, line, READERS)
    await feeding
    return seen, line


def main() -> int:
    """Run. Returns the exit status."""
    seconds = float(os.environ.get("SOAK_SECONDS", "1800"))
    devices = int(os.environ.get("SOAK_DEVICES", "100000"))
    rate = float(os.environ.get("SOAK_RATE", "300"))
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        world = BenchWorld(data, devices, tells_settings=True)
        world.know()
        world.load()
        agents = world.agents()
        world.close()
        probe = probe_of(agents)
        server = ServerProcess(data)
        server.start()
        memory: list[float] = []
        try:
            asyncio.run(warm(server))
            work = endless([agent for agent in agents if agent is not probe])
            mirror = Path(folder) / "own-mirror"
            for number in range(max(1, round(seconds / MINUTE))):
                seen, line = asyncio.run(minute(server, mirror, number, work, probe, rate, min(seconds, MINUTE)))
                memory.append(resident_mib(server.pid))
                failures += seen.errors + list(line.sent.reasons)
                print(json.dumps(_told(number, seen, line, memory[-1])), flush=True)
            checked = server.cli("check", timeout_seconds=1_800)
            if checked.returncode:
                failures.append(checked.stdout[-2_000:] + checked.stderr[-500:])
        finally:
            server.stop()
    slope = float(np.polyfit(range(len(memory)), memory, 1)[0]) if len(memory) > 2 else 0.0
    progress(f"soak: {len(memory)} minutes, memory slope {slope:.2f} MiB a minute, {len(failures)} failures")
    for failure in failures[:20]:
        progress(failure)
    return 1 if failures else 0


def _told(number: int, seen: Observed, line: Line, memory: float) -> dict[str, object]:
    visible = seen.visible or [0.0]
    return {
        "minute": number,
        "accepted": line.sent.accepted,
        "refused": line.sent.refused,
        "visible_p50_ms": round(percentile(visible, 0.5), 1),
        "visible_p99_ms": round(percentile(visible, 0.99), 1),
        "memory_mib": round(memory, 1),
        "pages_p95_ms": round(percentile(seen.pages or [0.0], 0.95), 1),
        "errors": len(seen.errors),
    }


if __name__ == "__main__":
    sys.exit(main())
