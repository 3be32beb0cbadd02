"""Kill -9 of shards on Ray at random moments while a fleet reports: no answer lacks a device or counts one twice, and
once it is quiet the answers are those of one index that reads everything anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench._world import BenchWorld
from tests.chaos.load import Doubt, compare, reporting
from tests.chaos.repeating import Repeating
from tests.support import postgres
from tests.support.server import ServerProcess
from weakspot import scoring
from weakspot.access import Scope
from weakspot.fleet import FleetFollower
from weakspot.fleet.cluster import ClusterFleet, following, rays
from weakspot.runtime import changes
from weakspot.runtime.clock import system_clock
from weakspot.runtime.database import Database, sqlite_url
from weakspot.runtime.errors import Unavailable
from weakspot.scoring import clustered
from weakspot.simulate import Agent, Line

EVERYTHING = Scope(None)
SHARDS = 3
DEVICES = 120
RATE = 40.0
WAIT_SECONDS = 300.0
IMPATIENT_SECONDS = 1.0
"""Of who asks under load: less than a shard takes to start, so that some questions are told to wait."""
ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def own_cluster(folder: Path) -> Iterator[None]:
    """A Ray cluster of this machine alone, for the length of the block."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    rays.connect(None, token=rays.token_file(folder), node_address="127.0.0.2", cpus=SHARDS)
    try:
        yield
    finally:
        rays.disconnect()


def process_id(_view: object) -> int:
    """Of the shard that is asked."""
    return os.getpid()


class Asker(Repeating):
    """Asks all the time. An answer is of every device, or says that it waits."""

    def __init__(self, cluster: ClusterFleet, devices: int) -> None:
        super().__init__(2 * WAIT_SECONDS)
        self.answers = self.waits = 0
        self._cluster = cluster
        self._devices = devices

    def one(self) -> None:
        """One question."""
        try:
            devices = [int(one) for one in self._cluster.device_hazards(None, EVERYTHING)[0]]
        except Unavailable:
            self.waits += 1
            return
        assert len(devices) == len(set(devices)), "a device was counted twice"
        assert len(devices) == self._devices, f"{len(devices)} of {self._devices} devices"
        self.answers += 1


def survive(folder: Path, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> int:
    """Kill shards ``kills`` times under reports, on the Ray cluster that this process joined. Returns how many answers
    were given meanwhile. Raises AssertionError when one is wrong.
    """
    rng = random.Random(seed)
    with contextlib.ExitStack() as closing:
        url, command = sqlite_url(folder / "weakspot.db"), ["serve"]
        if postgres.programs() is not None:  # which is what shards on several machines read
            database = postgres.Cluster()
            closing.callback(database.close)
            url = database.url(database.create())
            command = ["serve", "--database", url]
        world = BenchWorld(folder, DEVICES, url)
        world.know()
        world.load()
        agents = world.agents()
        world.close()
        server = ServerProcess(folder, command)
        server.start()
        closing.callback(server.stop)
        cluster, impatient = _cluster(url, closing)
        answers = 0
        for number in range(1, kills + 1):
            asker = asyncio.run(_one_kill(server, cluster, impatient, agents, rng))
            answers += asker.answers
            assert not (wrong := compare(url, agents)), wrong
            _assert_as_one(url, cluster)
            tell(f"chaos: kill {number} of {kills} of a shard: {asker.answers} whole answers, {asker.waits} that wait")
        checked = server.cli("check", timeout_seconds=600)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        return answers


def _cluster(url: str, closing: contextlib.ExitStack) -> tuple[ClusterFleet, ClusterFleet]:
    """The shards, asked with much and with little patience."""
    database = Database(url, readers=1)
    closing.callback(database.close)

    def newest() -> int:
        with database.read() as conn:
            return changes.last_seq(conn)

    make = functools.partial(
        following, url=url, hazard=scoring.hazard, raised=scoring.raised_hazard, clock=system_clock
    )  # fmt: skip
    shards = rays.RayShards(make, SHARDS, block=8, cpus_each=0.5)  # so small that each has devices
    closing.callback(shards.close)
    cluster = ClusterFleet(shards, newest, timeout_seconds=WAIT_SECONDS)
    cluster.ready()
    return cluster, ClusterFleet(shards, newest, timeout_seconds=IMPATIENT_SECONDS)


async def _one_kill(
    server: ServerProcess, cluster: ClusterFleet, impatient: ClusterFleet, agents: Sequence[Agent], rng: random.Random
) -> Asker:  # fmt: skip
    pids = await asyncio.to_thread(lambda: cluster.fold(list, process_id).value)
    line, doubt, stopping = Line(server.url, connections=8), Doubt(), asyncio.Event()
    load = asyncio.create_task(reporting(line, agents, doubt, stopping, RATE))
    asker = Asker(impatient, len(agents))
    asker.start()
    await asyncio.sleep(rng.uniform(0.1, 1.5))
    os.kill(rng.choice(pids), signal.SIGKILL)
    await asyncio.sleep(rng.uniform(0.1, 1.5))
    stopping.set()
    await load
    await line.close()
    assert not doubt.waiting, f"{len(doubt.waiting)} reports were not taken: {line.sent.reasons}"
    await asyncio.to_thread(asker.stop)
    return asker


def _assert_as_one(url: str, cluster: ClusterFleet) -> None:
    """The shards answer as one index that reads everything now."""
    database = Database(url, readers=1)
    try:
        follower = FleetFollower(database, hazard=scoring.hazard, raised=scoring.raised_hazard, clock=system_clock)
        follower.stop()
        view: Any = follower.fleet.view()
        for question in ("vulnerability_counts", "software_counts"):
            split, one = getattr(cluster, question)(EVERYTHING), getattr(view, question)(EVERYTHING)
            assert [part.tolist() for part in split] == [part.tolist() for part in one], question
        split, one = cluster.device_hazards(None, EVERYTHING), view.device_hazards(None, EVERYTHING)
        assert [part.tolist() for part in split] == [part.tolist() for part in one], "device_hazards"
        assert clustered.organisation_score(cluster, EVERYTHING) == scoring.organisation_score(view, EVERYTHING)
    finally:
        database.close()
