"""Kill -9 in the middle of reports: what was acknowledged is there, what was not is wholly there or not at all."""

from __future__ import annotations

import http.client
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.device import RealDevice, applied, package
from tests.support.server import ServerProcess

DEVICES = 3
# Anything that a connection may end with when the other side dies.
GONE = (OSError, http.client.HTTPException)


class Reporter(threading.Thread):
    """One sensor: sends deltas until the server is gone or ``ending`` is set; it remembers what it does not know."""

    def __init__(self, device: RealDevice, rng: random.Random) -> None:
        super().__init__(daemon=True)
        self.device = device
        self.acknowledged = 0
        self.pending: tuple[dict[str, Any], list[dict[str, Any]]] | None = None
        self.failure: str | None = None
        self.ending = threading.Event()
        self._rng = rng

    def run(self) -> None:
        """Until the server is gone."""
        while not self.ending.is_set() and self._step():
            pass

    def settle(self) -> None:
        """After a restart the server shows the state before or after the report in doubt; then send it again."""
        shown = self.device.software()
        before = pairs(self.device.installed)
        if self.pending is None:
            assert shown == before
            return
        report, after = self.pending
        assert shown in (before, pairs(after)), "a report is there in part"
        reply = self.device.send(report)
        assert reply.status == 200, reply.body
        assert reply.json["duplicate"] is (shown == pairs(after) and shown != before)
        self.device.installed = after
        self.pending = None
        assert self.device.software() == pairs(after)

    def _step(self) -> bool:
        device = self.device
        removed = self._rng.sample(device.installed, min(len(device.installed), 20))
        added = [package(f"p{self._rng.randrange(400)}", f"{self._rng.randrange(9)}.0-1") for _ in range(40)]
        added = list({one["name"]: one for one in added if one not in device.installed}.values())
        after = applied(device.installed, added, removed)
        report = device.delta(added, removed)
        self.pending = (report, after)
        try:
            reply = device.send(report)
        except GONE:
            return False
        if reply.status != 200:
            self.failure = f"{reply.status} {reply.body!r}"
            return False
        device.installed = after
        self.acknowledged += 1
        self.pending = None
        return True


def pairs(items: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """(name, version)."""
    return {(one["name"], one["version"]) for one in items}


def survive(folder: Path, kills: int, seed: int) -> None:
    """Kill the server ``kills`` times at random moments while sensors report."""
    rng = random.Random(seed)
    server = ServerProcess(folder)
    server.start()
    try:
        devices = [RealDevice(server, f"device-{n}") for n in range(DEVICES)]
        for device in devices:
            device.report(package("base"))
        for _ in range(kills):
            reporters = [Reporter(device, random.Random(rng.random())) for device in devices]
            for reporter in reporters:
                reporter.start()
            threading.Event().wait(rng.uniform(0.05, 0.8))
            server.kill()
            for reporter in reporters:
                reporter.join(30)
                assert not reporter.is_alive()
                assert reporter.failure is None
            server.start()
            for reporter in reporters:
                reporter.settle()
            assert sum(reporter.acknowledged for reporter in reporters) >= 0
        found = server.cli("check")
        assert found.returncode == 0, found.stdout + found.stderr
    finally:
        server.kill()


def test_reports_survive_kill_9(folder: Path) -> None:
    survive(folder, kills=2, seed=20_261_122)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_reports_survive_fifty_kills(folder: Path) -> None:
    survive(folder, kills=50, seed=7)
