"""Several servers on one database: all write in one order, each shows what the others took, one leads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess, running
from weakspot.runtime.database import Database
from weakspot.runtime.engine import connectable
from weakspot.runtime.leadership import Leadership

pytestmark = pytest.mark.postgresql
WAIT_SECONDS = 20


@pytest.fixture
def servers(url: str, tmp_path: Path) -> Iterator[list[ServerProcess]]:
    """Two servers, each with its data folder."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(tmp_path / name, ("serve", "--database", url))) for name in ("one", "two")]


@pytest.mark.full
def test_what_one_takes_the_other_shows_and_both_go_on(servers: list[ServerProcess]) -> None:
    first, second = servers
    device = RealDevice(first, "web01")
    device.report(package("a"))
    device.server = second
    _wait_for(lambda: device.software() == {("a", "1.0-1")})
    device.report(package("a"), package("b"))
    device.server = first
    _wait_for(lambda: device.software() == {("a", "1.0-1"), ("b", "1.0-1")})
    for server in servers:
        checked = server.cli("check")
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.full
def test_reports_to_both_at_once_are_all_there(servers: list[ServerProcess], url: str) -> None:
    devices = [RealDevice(servers[n % 2], f"device-{n}") for n in range(6)]

    def report(device: RealDevice) -> None:
        for number in range(8):
            device.report(*(package(f"p{n}", f"{number}.{n}-1") for n in range(12)))

    threads = [threading.Thread(target=report, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    wanted = {(f"p{n}", f"7.{n}-1") for n in range(12)}
    for device in devices:
        for server in servers:
            device.server = server
            _wait_for(lambda one=device: one.software() == wanted)
    checked = servers[1].cli("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.full
def test_the_lead_goes_to_another_when_the_leader_is_killed(url: str, tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "one", ("serve", "--database", url))
    server.start()
    with closing(Database(connectable(url), readers=1)) as database, closing(Leadership(database)) as mine:
        _wait_for(lambda: not _leads(database))
        assert not mine.is_leader()
        server.kill()
        _wait_for(mine.is_leader)
        assert mine.is_leader(), "it is kept"


def _leads(database: Database) -> bool:
    """Whether nobody else does."""
    with closing(Leadership(database)) as probe:
        return probe.is_leader()


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)
