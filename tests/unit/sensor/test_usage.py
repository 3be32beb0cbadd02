from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.sensor.support import body, item, make_root
from weakspot_sensor import items, limits
from weakspot_sensor.storage import Storage
from weakspot_sensor.usage import Usage

DAY = 86_400.0
START = 1_700_006_400.0  # 2023-11-15T00:00:00Z
STATUS = "Package: nginx\nStatus: install ok installed\nVersion: 1.2\nArchitecture: amd64\n"
JAR = items.make("maven", "org.example:shop", "3", path="/opt/shop/shop.jar!/lib/inner.jar")
APP = items.make("macos_app", "Draw", "7", path="/Applications/Draw.app")


class World:
    """Processes and a clock that a test sets."""

    def __init__(self, folder: Path) -> None:
        files: dict[str, str | bytes] = {
            "/var/lib/dpkg/status": STATUS,
            "/var/lib/dpkg/info/nginx.list": "/usr/sbin\n/usr/sbin/nginx\n",
        }
        self.root = make_root(folder / "root", files)
        self.storage = Storage(str(folder / "state"))
        self.now = START
        self.running: dict[int, list[str]] = {}
        self.asked: list[frozenset[int]] = []
        self.usage = self.restart()

    def restart(self) -> Usage:
        self.usage = Usage(self.root, self.storage, self.look, lambda: self.now)
        return self.usage

    def look(self, known: frozenset[int]) -> dict[int, list[str]]:
        self.asked.append(known)
        return {pid: [] if pid in known else paths for pid, paths in self.running.items()}

    def section(self, *found: items.Item, services: Any = ()) -> dict[str, Any]:
        told = body(*found)
        section: dict[str, Any] = self.usage.added({**told, "details": {"services": services}})["details"]["usage"]
        return section


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_running_program_is_use_of_its_package_on_each_day(world: World) -> None:
    world.running = {7: ["/usr/sbin/nginx"], 8: ["/home/x/tool"], 9: []}
    for _ in range(3):
        world.usage.sample()
        world.usage.sample()
        world.now += DAY
    assert world.asked[:3] == [frozenset(), frozenset((7, 8, 9)), frozenset()], "every day all are looked at again"
    (row,) = world.section(item("nginx", "1.2"))["software"]
    assert row == {
        "type": "dpkg", "name": "nginx", "version": "1.2", "last_used_on": "2023-11-17", "days_used": 3,
    }  # fmt: skip


def test_what_was_not_seen_is_not_named(world: World) -> None:
    world.usage.sample()
    assert world.section(item("nginx", "1.2")) == {"observed_since": "2023-11-15", "software": []}


def test_software_is_found_by_its_place(world: World) -> None:
    world.running = {1: ["/opt/shop/shop.jar"], 2: ["/Applications/Draw.app/Contents/MacOS/Draw"]}
    world.usage.sample()
    assert [row["name"] for row in world.section(JAR, APP)["software"]] == ["Draw", "org.example:shop"]


def test_listening_is_use(world: World) -> None:
    services = [{"protocol": "tcp", "port": 80, "path": "/usr/sbin/nginx"}, {"protocol": "tcp", "port": 1}]
    (row,) = world.section(item("nginx"), services=services)["software"]
    assert (row["is_listening"], row["last_used_on"]) == (True, "2023-11-15")


def test_it_is_remembered_for_thirty_days_across_restarts(world: World) -> None:
    world.running = {1: ["/usr/sbin/nginx"]}
    world.usage.sample()
    world.section()
    world.running = {}
    world.now += 29 * DAY
    world.restart()
    section = world.section(item("a"))
    assert (section["observed_since"], len(section["software"])) == ("2023-11-15", 1)
    world.now += DAY
    assert world.section(item("b"))["software"] == []


def test_the_section_rests_for_an_hour(world: World) -> None:
    before = world.section()
    world.running = {1: ["/usr/sbin/nginx"]}
    world.usage.sample()
    world.now += 3599
    assert world.section() is before
    world.now += 1
    assert world.section()["software"]


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"[]",
        b'{"since": "x", "days": {}}',
        b'{"since": "2023-11-01", "days": 3}',
        b'{"since": "2023-11-01", "days": {"/x": ["zz"]}}',
    ],
)
def test_a_damaged_memory_begins_anew(world: World, damaged: bytes) -> None:
    world.storage.write("usage.json", damaged)
    assert world.restart().since == "2023-11-15"


def test_paths_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "USED_PATHS", 1)
    world.running = {1: ["/usr/sbin/nginx"], 2: ["/bin/other"]}
    world.usage.sample()
    assert len(world.section()["software"]) == 1
