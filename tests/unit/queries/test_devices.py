from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import World, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot import workflows
from weakspot.queries import ListQuery, devices
from weakspot.runtime.errors import BadQuery, NotFound


def names(fleet: SmallFleet, scope: Any = None, **asked: Any) -> list[str]:
    filters = {name: asked.pop(name) for name in list(asked) if name not in ("search", "sort", "page", "page_size")}
    with fleet.world.read() as read:
        page = devices.page(read, scope or fleet.everything, ListQuery(filters=filters, **asked))
    return [row.name for row in page.items]


def test_lists_most_exposed_first(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        page = devices.page(read, fleet.everything, ListQuery())
    assert [row.name for row in page.items] == ["desk", "web-10", "mail-9"]
    desk = page.items[0]
    assert (desk.group_name, desk.device_value, desk.weaknesses, desk.software) == ("Office", "High", 3, 3)
    assert (desk.exposure_level, desk.health, desk.os_distribution) == ("High", "Active", "debian")
    assert desk.exposure_score is not None
    assert desk.exposure_score > 70


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["desk", "mail-9", "web-10"]),
        ("-name", ["web-10", "mail-9", "desk"]),
        ("-weaknesses", ["desk", "web-10", "mail-9"]),
        ("exposure_score", ["mail-9", "web-10", "desk"]),
        ("-software", ["desk", "web-10", "mail-9"]),
        ("first_seen_at", ["web-10", "mail-9", "desk"]),
        ("last_seen_at", ["web-10", "mail-9", "desk"]),
    ],
)
def test_sorts(fleet: SmallFleet, sort: str, order: list[str]) -> None:
    assert names(fleet, sort=sort) == order


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"level": ("High",)}, {"desk", "web-10"}),
        ({"level": ("Low", "Medium")}, {"mail-9"}),
        ({"level": ("None",)}, set()),
        ({"os": ("linux",)}, {"desk", "mail-9", "web-10"}),
        ({"os": ("Debian 12",)}, {"desk", "mail-9", "web-10"}),
        ({"os": ("windows",)}, set()),
        ({"health": ("Active",)}, {"desk", "mail-9", "web-10"}),
        ({"health": ("Inactive",)}, set()),
        ({"search": "WEB"}, {"web-10"}),
        ({"search": "nothing"}, set()),
    ],
)
def test_filters(fleet: SmallFleet, asked: dict[str, Any], found: set[str]) -> None:
    assert set(names(fleet, **asked)) == found


def test_scope_hides_the_devices_of_others(fleet: SmallFleet) -> None:
    assert set(names(fleet, fleet.only_servers)) == {"web-10", "mail-9"}
    assert names(fleet, fleet.nobody) == []
    with fleet.world.read() as read:
        with pytest.raises(NotFound) as hidden:
            devices.detail(read, fleet.only_servers, fleet.desk.public_id)
        with pytest.raises(NotFound) as unknown:
            devices.detail(read, fleet.only_servers, "0" * 40)
    assert hidden.value.detail == unknown.value.detail


def test_refuses_an_unknown_filter(fleet: SmallFleet) -> None:
    with fleet.world.read() as read, pytest.raises(BadQuery, match="health"):
        devices.page(read, fleet.everything, ListQuery(filters={"colour": ("red",)}))


def test_detail_adds_up(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        found = devices.detail(read, fleet.everything, fleet.desk.public_id)
    assert found.severity_counts == {"Critical": 1, "Medium": 1, "Unknown": 1}
    assert sum(found.severity_counts.values()) == found.device.weaknesses
    assert sum(term.share for term in found.score_terms) == pytest.approx(1)
    assert found.score_terms[0].label == "CVE-2099-0001"
    assert (found.not_assessed, found.knowledge_version) == (1, 3)
    assert (found.kernel_running, found.sensor_version) == ("6.1.0-25-amd64", "1.0")


def test_silent_and_excluded_devices_are_listed_without_a_score(world: World) -> None:
    from tests.support.world import EVERYTHING, advisory, debian

    silent, excluded, live = world.enrol("silent"), world.enrol("excluded"), world.enrol("live")
    world.know("osv", advisory("CVE-2099-0001", debian("bash")))
    for device in (silent, excluded):
        world.report(device, dpkg("bash", "5.1-1"))
    world.decide(excluded, is_excluded=True, exclusion_reason="a lab machine")
    before = world.clock.at
    world.clock.forward(days=31)
    workflows.sweep_activity(world.database, before, world.clock.at)
    world.report(live, dpkg("bash", "5.1-1"))
    with world.read() as read:
        rows = {row.name: row for row in devices.page(read, EVERYTHING, ListQuery()).items}
        none = devices.page(read, EVERYTHING, ListQuery(filters={"level": ("None",)}))
        inactive = devices.page(read, EVERYTHING, ListQuery(filters={"health": ("Inactive",)}))
        detail = devices.detail(read, EVERYTHING, excluded.public_id)
    assert rows["live"].exposure_score is not None
    assert [rows[name].exposure_score for name in ("silent", "excluded")] == [None, None]
    assert {row.name for row in none.items} == {"silent", "excluded"}
    assert {row.name for row in inactive.items} == {"silent", "excluded"}
    assert (detail.is_excluded, detail.exclusion_reason) == (True, "a lab machine")
