"""Reports that a process of their own takes: nothing is lost when it dies, and nothing outlives the server."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_kill import Reporter
from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess

WAIT_SECONDS = 240.0
"""A new process reads all its modules first, which takes a busy machine a while."""
TRIES = 24_000


@contextlib.contextmanager
def started(folder: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(folder, environment={"WEAKSPOT_INTAKE": "process"})
    made.start()
    try:
        yield made
    finally:
        made.kill()


def test_one_address_for_all_and_one_end_for_both(tmp_path: Path) -> None:
    with started(tmp_path / "data") as server:
        _answers_everything(server)
        intake = server.intake_pid
        server.kill()
        for _ in range(TRIES):
            if not Path(f"/proc/{intake}").exists() or _is_zombie(intake):
                break
            threading.Event().wait(WAIT_SECONDS / TRIES)
        else:
            pytest.fail("the process outlived its server")
        server.start()
        device = RealDevice(server, "two")
        device.report(package("curl", "2.0-1"))
        assert device.software() == {("curl", "2.0-1")}
        assert server.stop() == 0
        assert "ended by itself" not in server.log


def _answers_everything(server: ServerProcess) -> None:
    device = RealDevice(server, "one")
    device.report(package("curl"), package("zlib1g"))
    assert device.software() == {("curl", "1.0-1"), ("zlib1g", "1.0-1")}
    figures = server.admin("GET", "/api/v1/metrics").body.decode()
    assert 'weakspot_reports_total{result="accepted"} 1' in figures
    assert server.request("GET", "/").status == 200
    refused = server.request("POST", "/api/sensor/v1/reports", {}, headers={"Authorization": "Bearer x"})
    forwarded = server.request("GET", "/api/v1/session", headers={"Authorization": "Bearer x"})
    for reply in (refused, forwarded):
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.headers["x-request-id"] in reply.json["instance"]


@pytest.mark.timeout(900)
def test_what_was_answered_survives_the_death_of_the_process(folder: Path) -> None:
    rng = random.Random(20_261_122)
    with started(folder) as server:
        devices = [RealDevice(server, f"device-{n}") for n in range(3)]
        for device in devices:
            device.report(package("base"))
        for _ in range(2):
            reporters = [Reporter(device, random.Random(rng.random())) for device in devices]
            for reporter in reporters:
                reporter.start()
            threading.Event().wait(rng.uniform(0.05, 0.5))
            os.kill(server.intake_pid, signal.SIGKILL)
            for reporter in reporters:
                reporter.ending.set()  # who was not in the middle of a report only waits for the next process
            for reporter in reporters:
                reporter.join(WAIT_SECONDS)
                assert not reporter.is_alive()
                assert reporter.failure is None
                reporter.settle()
        found = server.cli("check")
        assert found.returncode == 0, found.stdout + found.stderr


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
