"""Kill -9 of the server at random moments while a simulated fleet reports. ``make chaos``

Environment: CHAOS_KILLS (50), CHAOS_DEVICES (200), CHAOS_SEED (1). After each kill the server starts again, every
report in doubt is sent again as it was, and each device's inventory must be the one that was acknowledged last. At the
end ``weakspot check`` must be exact. Then the same with kill -9 of PostgreSQL under a server that goes on,
CHAOS_DATABASE_KILLS (20) times, where PostgreSQL is installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench._lines import progress
from bench._world import BenchWorld
from tests.chaos.lost_database import survive
from tests.support import postgres
from tests.support.server import ServerProcess
from weakspot import inventory
from weakspot.runtime.clock import system_clock
from weakspot.runtime.database import Database, sqlite_url
from weakspot.simulate import Agent, Line, Planned, paced

RATE = 200.0


class Doubt:
    """Reports that were sent and not answered, by device."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[Agent, Planned]] = {}

    def done(self, agent: Agent, _: Planned) -> None:
        """It was acknowledged."""
        self.waiting.pop(agent.device, None)


async def reporting(line: Line, agents: list[Agent], doubt: Doubt, stopping: asyncio.Event) -> None:
    """Deltas of all devices, one at a time each, until the server is gone."""

    def work() -> Iterator[tuple[Agent, Planned]]:
        while not stopping.is_set():
            for agent in agents:
                if stopping.is_set():
                    return
                if agent.device in doubt.waiting:
                    continue
                planned = agent.plan(agent.day + 2, system_clock())
                doubt.waiting[agent.device] = (agent, planned)
                yield agent, planned

    with contextlib.suppress(ConnectionError):
        await paced(line, work(), RATE, done=doubt.done)


async def one_kill(server: ServerProcess, agents: list[Agent], doubt: Doubt, dice: random.Random) -> int:
    """Load, kill, start, send again what is in doubt. Returns how many that were."""
    line = Line(server.url, connections=16, tries=1)
    stopping = asyncio.Event()
    load = asyncio.create_task(reporting(line, agents, doubt, stopping))
    await asyncio.sleep(dice.uniform(0.2, 1.5))
    await asyncio.to_thread(server.kill)
    stopping.set()
    await asyncio.gather(load, return_exceptions=True)
    await line.close()
    await asyncio.to_thread(server.start)
    again = Line(server.url, connections=16)
    in_doubt = len(doubt.waiting)
    for agent, planned in list(doubt.waiting.values()):
        status = await again.report(agent, planned)
        assert status == 200, f"device {agent.device}: {status} {again.sent.reasons}"
        doubt.done(agent, planned)
    await again.close()
    return in_doubt


def compare(data: Path, agents: list[Agent]) -> list[str]:
    """Devices whose stored inventory is not the one that was acknowledged."""
    database = Database(sqlite_url(data / "weakspot.db"), readers=1)
    try:
        with database.read() as conn:
            wrong = []
            for agent in agents:
                device_id = inventory.device_id_of(conn, agent.public_id)
                state = None if device_id is None else inventory.device_state(conn, device_id)
                assert agent.numbers is not None
                if state is None or state.digest != agent.wire.digest(agent.numbers.tolist()):
                    wrong.append(f"device {agent.device}: what was acknowledged is not what is stored")
            return wrong
    finally:
        database.close()


def _without_a_database(kills: int, seed: int) -> list[str]:
    if not kills or postgres.programs() is None:
        progress(f"chaos: the database is not killed: {postgres.MISSING if kills else 'CHAOS_DATABASE_KILLS is 0'}")
        return []
    with tempfile.TemporaryDirectory() as folder:
        try:
            survive(Path(folder) / "data", kills, seed, progress)
        except AssertionError as failure:
            return [f"database: {failure}"]
    return []


def main() -> int:
    """Run. Returns the exit status."""
    kills = int(os.environ.get("CHAOS_KILLS", "50"))
    devices = int(os.environ.get("CHAOS_DEVICES", "200"))
    dice = random.Random(int(os.environ.get("CHAOS_SEED", "1")))
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        world = BenchWorld(data, devices)
        world.know()
        world.load()
        agents = world.agents()
        world.close()
        server = ServerProcess(data)
        server.start()
        doubt = Doubt()
        try:
            for number in range(1, kills + 1):
                in_doubt = asyncio.run(one_kill(server, agents, doubt, dice))
                found = compare(data, agents)
                failures += found
                progress(f"chaos: kill {number} of {kills}: {in_doubt} were in doubt, {len(found)} wrong")
            checked = server.cli("check", timeout_seconds=600)
            if checked.returncode:
                failures.append(checked.stdout[-2_000:] + checked.stderr[-500:])
        finally:
            server.stop()
    failures += _without_a_database(int(os.environ.get("CHAOS_DATABASE_KILLS", "20")), dice.randrange(1 << 30))
    for failure in failures[:20]:
        progress(failure)
    progress(f"chaos: {kills} kills, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
