"""The change feed of a device and of the fleet: what, on which device, by which report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import EVERYTHING, World, dpkg
from weakspot.access import Scope
from weakspot.inventory.history import store
from weakspot.queries import ListQuery, devices, software_changes
from weakspot.queries.software_changes import ChangeFeed, FeedQuery, FleetChangeRow
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import BadQuery


@pytest.fixture
def world(tmp_path: Path, later_dialect: str) -> Iterator[World]:
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


def part(world: World, scope: Scope = EVERYTHING, **query: object) -> ChangeFeed:
    with world.read() as read:
        return software_changes.feed(read, scope, FeedQuery(**query))  # type: ignore[arg-type]


def test_the_feed_is_walked_to_its_end_in_both_directions(world: World) -> None:
    first = part(world, reports=1)
    assert (told(first.items), first.is_end) == ([("db01", "updated", "curl", "7.2", "7.1")], False)
    rest = part(world, before=first.position)
    assert ([one.device_name for one in rest.items], rest.is_end) == (["web01"] * 3, True)
    assert part(world, before=rest.position).items == []
    forward = part(world, after=0)
    assert [one.device_name for one in forward.items] == ["web01"] * 3 + ["db01"]
    assert forward.is_end
    # Nothing is missed by who goes on from there.
    world.clock.forward(seconds=60)
    mail = world.enrol("mail01")
    world.report(mail, dpkg("curl", "7.2"))
    world.report(mail, dpkg("curl", "7.3"))
    later = part(world, after=forward.position)
    assert told(later.items) == [("mail01", "updated", "curl", "7.3", "7.2")]
    assert part(world, since=to_iso(world.clock())).items == later.items


def test_the_feed_filters_and_keeps_to_the_scope(world: World) -> None:
    assert [one.change for one in part(world, change=("removed",)).items] == ["removed"]
    assert [one.device_name for one in part(world, software=("debian-_-nginx",)).items] == ["web01"]
    db = part(world, reports=1).items[0].device_id
    assert {one.device_name for one in part(world, device=(db,)).items} == {"db01"}
    assert part(world, device=("0" * 40,)).items == []
    here = part(world, Scope(frozenset([1])))
    assert {one.device_name for one in here.items} == {"web01"}
    assert part(world, Scope(frozenset())).items == []
    for wrong in ({"before": 1, "after": 1}, {"since": "yesterday"}):
        with pytest.raises(BadQuery):
            part(world, **wrong)


def test_the_cost_of_a_part_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_READ", 1)
    db_alone = Scope(frozenset([2]))
    newest = part(world, db_alone, after=0)
    assert (newest.items, newest.is_end) == ([], False)  # the one row looked at was another device's
    assert [one.device_name for one in part(world, db_alone, after=newest.position).items] == ["db01"]
