"""Kill -9 of PostgreSQL at random moments while sensors report: every acknowledged report is there, and the server goes
on by itself.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.repeating import Repeating
from tests.support.device import RealDevice, applied, package
from tests.support.postgres import Cluster
from tests.support.server import running

WAIT_SECONDS = 60


class Reporter(Repeating):
    """One sensor: while the database is away it is told so and sends the same report again."""

    def __init__(self, device: RealDevice, rng: random.Random) -> None:
        super().__init__(2 * WAIT_SECONDS)
        self.device = device
        self.refused = 0
        self.acknowledged = 0
        self._rng = rng

    def one(self) -> None:
        """One report, until it is acknowledged."""
        device = self.device
        removed = self._rng.sample(device.installed, min(len(device.installed), 5))
        added = [package(f"p{self._rng.randrange(300)}", f"{self._rng.randrange(9)}.0-1") for _ in range(10)]
        added = list({one["name"]: one for one in added if one not in device.installed}.values())
        report = device.delta(added, removed)
        deadline = time.monotonic() + WAIT_SECONDS
        while (reply := device.send(report)).status != 200:
            assert reply.status == 503, reply.body
            assert int(reply.headers["retry-after"]) > 0
            assert time.monotonic() < deadline
            self.refused += 1
            time.sleep(0.02)
        device.installed = applied(device.installed, added, removed)
        self.acknowledged += 1


def survive(folder: Path, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> int:
    """Kill the database ``kills`` times under reports. Returns how many reports were acknowledged.

    Raises AssertionError when one of them is not there, when a request fails otherwise than with 503, or when
    ``weakspot check`` is not exact at the end.
    """
    rng = random.Random(seed)
    cluster = Cluster()  # of its own: others must not lose theirs
    try:
        with running(folder, ("serve", "--database", cluster.url(cluster.create()))) as server:
            devices = [RealDevice(server, f"device-{n}") for n in range(3)]
            for device in devices:
                device.report(package("base"))
            total = 0
            for number in range(1, kills + 1):
                total += _one_kill(cluster, devices, rng)
                tell(f"chaos: kill {number} of {kills} of the database: {total} reports acknowledged so far, all there")
            checked = server.cli("check", timeout_seconds=600)
            assert checked.returncode == 0, checked.stdout + checked.stderr
            return total
    finally:
        cluster.close()


def _one_kill(cluster: Cluster, devices: list[RealDevice], rng: random.Random) -> int:
    reporters = [Reporter(device, random.Random(rng.random())) for device in devices]
    for reporter in reporters:
        reporter.start()
    time.sleep(rng.uniform(0.05, 0.6))
    cluster.kill()
    time.sleep(rng.uniform(0.0, 0.3))
    cluster.start()
    time.sleep(0.1)
    for reporter in reporters:
        reporter.stop()
        wanted = {(one["name"], one["version"]) for one in reporter.device.installed}
        assert _shown(reporter.device, wanted) == wanted
    return sum(reporter.acknowledged for reporter in reporters)


def _shown(device: RealDevice, wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What the server shows once it answers again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            shown = device.software()
        except AssertionError:
            shown = set()
        if shown == wanted or time.monotonic() > deadline:
            return shown
        time.sleep(0.05)
