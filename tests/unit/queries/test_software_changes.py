"""The change feed of a device and of the fleet: what, on which device, by which report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import EVERYTHING, World, dpkg
from weakspot.access import Scope
from weakspot.queries import ListQuery, devices, software_changes
from weakspot.queries.software_changes import FleetChangeRow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    group = made.group("servers")
    web, db = made.enrol("web01"), made.enrol("db01", group=group)
    made.report(web, dpkg("curl", "7.1"), dpkg("zlib1g", "1.2"))
    made.report(db, dpkg("curl", "7.1"))
    made.clock.forward(seconds=60)
    made.report(web, dpkg("curl", "7.2"), dpkg("nginx", "1.0"))
    made.clock.forward(seconds=60)
    made.report(db, dpkg("curl", "7.2"))
    yield made
    made.close()


def feed(world: World, scope: Scope = EVERYTHING, **query: object) -> list[FleetChangeRow]:
    with world.read() as read:
        return software_changes.page(read, scope, ListQuery(**query)).items  # type: ignore[arg-type]


def told(rows: list[FleetChangeRow]) -> list[tuple[str, str, str, str, str | None]]:
    return [(one.device_name, one.change, one.software.name, one.version, one.previous_version) for one in rows]


def test_the_first_report_is_no_change_and_later_ones_name_themselves(world: World) -> None:
    rows = feed(world)
    assert told(rows) == [
        ("db01", "updated", "curl", "7.2", "7.1"),
        ("web01", "updated", "curl", "7.2", "7.1"),
        ("web01", "installed", "nginx", "1.0", None),
        ("web01", "removed", "zlib1g", "1.2", None),
    ]
    assert {one.source for one in rows} == {"test-sensor"}
    assert len({one.report_id for one in rows}) == 2
    with world.read() as read:
        mine = devices.changes(read, EVERYTHING, rows[1].device_id, ListQuery()).items
    assert {(one.software.name, one.report_id, one.source) for one in mine} == {
        (one.software.name, one.report_id, one.source) for one in rows[1:]
    }


def test_filters_search_scope_and_time(world: World) -> None:
    assert [one.device_name for one in feed(world, filters={"change": ("updated",)})] == ["db01", "web01"]
    assert told(feed(world, filters={"software": ("debian-_-nginx",)})) == [
        ("web01", "installed", "nginx", "1.0", None)
    ]
    assert {one.device_name for one in feed(world, search="db0")} == {"db01"}
    assert {one.device_name for one in feed(world, Scope(frozenset([1])))} == {"web01"}
    assert feed(world, Scope(frozenset())) == []
    world.clock.forward(days=2)
    assert feed(world, filters={"days": ("1",)}) == []
    assert len(feed(world, filters={"days": ("30",)})) == 4
