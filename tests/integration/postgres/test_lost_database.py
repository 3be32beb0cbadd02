"""Kill -9 of PostgreSQL under load: what was acknowledged is there, and everything goes on by itself."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest

from tests.support.device import RealDevice, applied, package
from tests.support.postgres import MISSING, Cluster, programs
from tests.support.server import ServerProcess, running

pytestmark = pytest.mark.postgresql
WAIT_SECONDS = 30


class Reporter(threading.Thread):
    """One sensor: while the database is away it is told so and sends the same report again."""

    def __init__(self, device: RealDevice, rng: random.Random, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.device = device
        self.refused = 0
        self.acknowledged = 0
        self.failure: str | None = None
        self._rng = rng
        self._stopping = stopping

    def run(self) -> None:
        """Until told to stop and everything is acknowledged."""
        try:
            while not self._stopping.is_set():
                self._one()
        except Exception as error:
            self.failure = repr(error)

    def _one(self) -> None:
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


def survive(cluster: Cluster, folder: Path, kills: int, seed: int) -> int:
    """Kill the database ``kills`` times under reports. Returns how many reports were acknowledged."""
    rng = random.Random(seed)
    url = cluster.url(cluster.create())
    with running(folder, ("serve", "--database", url)) as server:
        devices = [RealDevice(server, f"device-{n}") for n in range(3)]
        for device in devices:
            device.report(package("base"))
        total = 0
        for _ in range(kills):
            stopping = threading.Event()
            reporters = [Reporter(device, random.Random(rng.random()), stopping) for device in devices]
            for reporter in reporters:
                reporter.start()
            time.sleep(rng.uniform(0.05, 0.6))
            cluster.kill()
            time.sleep(rng.uniform(0.0, 0.3))
            cluster.start()
            time.sleep(0.1)
            stopping.set()
            for reporter in reporters:
                reporter.join(2 * WAIT_SECONDS)
                assert not reporter.is_alive()
                assert reporter.failure is None
                assert _shown(reporter.device) == {(one["name"], one["version"]) for one in reporter.device.installed}
            total += sum(reporter.acknowledged for reporter in reporters)
        _checked(server)
    return total


def _shown(device: RealDevice) -> set[tuple[str, str]]:
    """What the server shows once it answers again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        wanted = {(one["name"], one["version"]) for one in device.installed}
        try:
            shown = device.software()
        except AssertionError:
            shown = set()
        if shown == wanted or time.monotonic() > deadline:
            return shown
        time.sleep(0.05)


def _checked(server: ServerProcess) -> None:
    found = server.cli("check")
    assert found.returncode == 0, found.stdout + found.stderr


def test_reports_survive_the_end_of_the_database(tmp_path: Path) -> None:
    if programs() is None:
        pytest.skip(MISSING)
    cluster = Cluster()  # its own: others must not lose theirs
    try:
        assert survive(cluster, tmp_path / "data", kills=2, seed=5) > 0
    finally:
        cluster.close()


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_reports_survive_thirty_ends_of_the_database(tmp_path: Path) -> None:
    if programs() is None:
        pytest.skip(MISSING)
    cluster = Cluster()
    try:
        assert survive(cluster, tmp_path / "data", kills=30, seed=11) > 30
    finally:
        cluster.close()
