"""The list of recommendations in a large fleet is the one of a small fleet, however much of it is remembered."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot import exceptions
from weakspot.access.contracts import Scope
from weakspot.exceptions import ExceptionScope, NewException
from weakspot.queries import ListQuery, recommendation_order, recommendations
from weakspot.queries.contracts import RecommendationRow
from weakspot.queries.lens import Lens
from weakspot.queries.recommendations import SHAPE
from weakspot.runtime.clock import DAY

BASH = "va-_-debian-_-bash"
FILTERS: list[dict[str, tuple[str, ...]]] = [
    {},
    {"severity": ("Critical", "High")},
    {"threat": ("exploit", "active_detection")},
    {"status": ("active",)},
    {"category": ("software",)},
    {"exposed_devices": ("1",), "remediation": ("Update",)},
]


def rows(world: World, **asked: Any) -> list[RecommendationRow]:
    with world.read() as read:
        return recommendations.page(read, EVERYTHING, ListQuery(**asked)).items


@pytest.mark.parametrize("sort", SHAPE.sorts)
def test_a_large_fleet_lists_what_a_small_one_lists(
    fleet: SmallFleet, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    asked = [{"sort": sign + sort, "filters": one} for sign in ("", "-") for one in FILTERS]
    small = [rows(fleet.world, **one) for one in asked]
    monkeypatch.setattr(recommendation_order, "SMALL_FLEET", 0)
    for _ in range(2):  # made, and remembered
        assert [rows(fleet.world, **one) for one in asked] == small


def test_a_decision_is_in_force_with_the_next_question(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommendation_order, "SMALL_FLEET", 0)
    world.know(
        "osv",
        advisory("CVE-2099-0001", debian("bash", fixed="9-1"), cvss="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
    )
    world.report(world.enrol("one"), dpkg("bash", "5.1-1"))
    (before,) = rows(world)
    assert before.impact == before.impact_detected > 0
    new = NewException(
        subject_kind="recommendation", subject=BASH, scope=ExceptionScope(), context="A proxy stands before it.",
        justification="third_party_control", until_at=world.clock.at + 30 * DAY,
    )  # fmt: skip
    world.database.write(lambda conn: exceptions.request(conn, new, "user:1:test", world.clock.at))
    (after,) = rows(world)
    assert (after.impact, after.impact_detected) == (0.0, before.impact_detected)
    assert (after.status, after.exposed_devices_after_exceptions) == ("full_exception", 0)
    assert [one.id for one in rows(world, filters={"status": ("full_exception",)})] == [BASH]


def test_rows_are_of_the_present_in_an_order_that_is_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommendation_order, "SMALL_FLEET", 0)
    world.know("osv", advisory("CVE-2099-0001", debian("bash", fixed="9-1")))
    devices = [world.enrol("one"), world.enrol("two")]
    world.report(devices[0], dpkg("bash", "5.1-1"))
    assert [one.exposed_devices for one in rows(world)] == [1]
    world.report(devices[1], dpkg("bash", "5.1-1"))
    assert [one.exposed_devices for one in rows(world)] == [2]
    world.report(devices[0], dpkg("vim", "9-1"))
    world.report(devices[1], dpkg("vim", "9-1"))
    assert rows(world) == []  # nothing is exposed any more, wherever it stood in the order


@pytest.mark.parametrize(("limit", "value"), [("SMALL_FLEET", 1), ("SMALL_SCOPE", 0)])
def test_an_order_is_remembered_for_a_small_group_of_a_large_fleet_too(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("bash", fixed="9-1")))
    group = world.group("one")
    world.report(world.enrol("one", group=group), dpkg("bash", "5.1-1"))
    world.report(world.enrol("two"), dpkg("bash", "5.1-1"))
    with world.read() as read:
        lens = Lens(read, Scope(frozenset([group])))
        assert not recommendation_order.is_large(lens)
        monkeypatch.setattr(recommendation_order, limit, value)
        assert recommendation_order.is_large(lens)
        (row,) = recommendations.page(read, lens.scope, ListQuery()).items
    assert row.exposed_devices == 1


def test_pages_of_products_and_settings_are_one_order() -> None:
    class Check:
        def __init__(self, ident: str, value: int) -> None:
            self.id, self.value = ident, value

        def sort_value(self, _: str) -> int:
            return self.value

    dice = random.Random(1)
    checks = [Check(f"sca-_-{n}", dice.randrange(4)) for n in range(20)]
    products = [Check(f"va-_-{n}", dice.randrange(4)) for n in range(20)]
    for sort in ("impact", "-impact"):
        pairs = sorted(((one.value, one) for one in sorted(products, key=lambda one: one.id)), key=lambda p: p[0],
                       reverse=sort.startswith("-"))  # fmt: skip
        found = [one.id for _, one in recommendation_order.merged(pairs, checks, sort)]  # type: ignore[arg-type,misc]
        everything = sorted([*checks, *products], key=lambda one: one.id)
        everything.sort(key=lambda one: one.value, reverse=sort.startswith("-"))
        assert found == [one.id for one in everything]
