"""Kill -9 of the server, or of its intake process alone, at random moments while a fleet reports. ``make chaos``

Environment: CHAOS_KILLS (50), CHAOS_DEVICES (200), CHAOS_SEED (1). After each kill the server starts again, every
report in doubt is sent again as it was, and each device's inventory must be the one that was acknowledged last. At the
end ``weakspot check`` must be exact. Then the same with kill -9 of PostgreSQL under a server that goes on,
CHAOS_DATABASE_KILLS (20) times, where PostgreSQL is installed, and of shards of the fleet index on Ray, whose answers
must be those of one index, CHAOS_SHARD_KILLS (20) times, where Ray is installed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

from bench._lines import progress
from bench._world import BenchWorld
from tests.chaos import lost_database, lost_shard
from tests.chaos.load import Doubt, compare, reporting
from tests.support import postgres
from tests.support.server import ServerProcess
from weakspot.simulate import Agent, Line


async def one_kill(server: ServerProcess, agents: list[Agent], doubt: Doubt, dice: random.Random) -> int:
    """Load, kill, start, send again what is in doubt. Returns how many that were.

    One time in three just the process that takes reports is killed; the server starts another by itself.
    """
    is_whole = dice.randrange(3) > 0
    line = Line(server.url, connections=16, tries=1)
    stopping = asyncio.Event()
    load = asyncio.create_task(reporting(line, agents, doubt, stopping))
    await asyncio.sleep(dice.uniform(0.2, 1.5))
    if is_whole:
        await asyncio.to_thread(server.kill)
    else:
        os.kill(server.intake_pid, signal.SIGKILL)
    stopping.set()
    await asyncio.gather(load, return_exceptions=True)
    await line.close()
    if is_whole:
        await asyncio.to_thread(server.start)
    again = Line(server.url, connections=16)
    in_doubt = len(doubt.waiting)
    for agent, planned in list(doubt.waiting.values()):
        status = await again.report(agent, planned)
        assert status == 200, f"device {agent.device}: {status} {again.sent.reasons}"
        doubt.done(agent, planned)
    await again.close()
    return in_doubt


def _without_a_database(kills: int, seed: int) -> list[str]:
    if not kills or postgres.programs() is None:
        progress(f"chaos: the database is not killed: {postgres.MISSING if kills else 'CHAOS_DATABASE_KILLS is 0'}")
        return []
    with tempfile.TemporaryDirectory() as folder:
        try:
            lost_database.survive(Path(folder) / "data", kills, seed, progress)
        except AssertionError as failure:
            return [f"database: {failure}"]
    return []


def _without_a_shard(kills: int, seed: int) -> list[str]:
    if not kills or importlib.util.find_spec("ray") is None:
        progress(f"chaos: no shard is killed: {'Ray is not installed' if kills else 'CHAOS_SHARD_KILLS is 0'}")
        return []
    with tempfile.TemporaryDirectory() as folder, lost_shard.own_cluster(Path(folder)):
        try:
            lost_shard.survive(Path(folder) / "data", kills, seed, progress)
        except AssertionError as failure:
            return [f"shard: {failure}"]
    return []


def _without_a_server(kills: int, dice: random.Random) -> list[str]:
    if not kills:
        progress("chaos: the server is not killed: CHAOS_KILLS is 0")
        return []
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        world = BenchWorld(data, int(os.environ.get("CHAOS_DEVICES", "200")))
        world.know()
        world.load()
        agents = world.agents()
        world.close()
        server = ServerProcess(data, environment={"WEAKSPOT_INTAKE": "process"})
        server.start()
        doubt = Doubt()
        try:
            for number in range(1, kills + 1):
                in_doubt = asyncio.run(one_kill(server, agents, doubt, dice))
                found = compare(server.database_url, agents)
                failures += found
                progress(f"chaos: kill {number} of {kills}: {in_doubt} were in doubt, {len(found)} wrong")
            checked = server.cli("check", timeout_seconds=600)
            if checked.returncode:
                failures.append(checked.stdout[-2_000:] + checked.stderr[-500:])
        finally:
            server.stop()
    return failures


def main() -> int:
    """Run. Returns the exit status."""
    kills, of_database, of_shards = (
        int(os.environ.get(f"CHAOS_{name}KILLS", default))
        for name, default in (("", "50"), ("DATABASE_", "20"), ("SHARD_", "20"))
    )
    dice = random.Random(int(os.environ.get("CHAOS_SEED", "1")))
    failures = _without_a_server(kills, dice)
    failures += _without_a_database(of_database, dice.randrange(1 << 30))
    failures += _without_a_shard(of_shards, dice.randrange(1 << 30))
    for failure in failures[:20]:
        progress(failure)
    wanted = f"{kills} kills of the server, {of_database} of the database, {of_shards} of shards"
    progress(f"chaos: {'WRONG' if failures else 'right'}: {wanted}, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
