"""The list of what people say is applied: who said it, how it is known, which devices it holds for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from weakspot import workflows
from weakspot.access import internal_caller
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import Mitigation
from weakspot.queries import ListQuery, mitigated, mitigations, recommendations
from weakspot.queries.lens import Lens
from weakspot.queries.mitigated import MitigationRow

ACTOR = internal_caller("test")
CURL = "va-_-debian-_-curl"


class Fleet:
    """Two device groups with curl, and a workaround for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.one, self.two = world.group("one"), world.group("two")
        self.devices = [
            world.enrol(name, group=group) for name, group in (("a", self.one), ("b", self.one), ("c", self.two))
        ]
        world.know(
            "osv",
            advisory("CVE-2099-1", debian("curl", fixed="7.2-1"), mitigations=(Mitigation("workaround", "Off."),)),
        )
        self.report("7.0-1", *self.devices)

    def report(self, version: str, *devices: Any) -> None:
        """Each of the devices has this version of curl."""
        for device in devices:
            self.world.report(device, dpkg("curl", version))
        self.world.catch_up()

    def say(self, *groups: int) -> list[Any]:
        """The workaround is applied in these groups."""
        with self.world.read() as read:
            known = recommendations.detail(read, EVERYTHING, CURL).mitigations
            made = mitigations.resolve(Lens(read, EVERYTHING), CURL, known, known[0].id, "change 4711", groups)
        return workflows.state_mitigated(self.world.database, ACTOR, made, self.world.clock.at)

    def rows(self, scope: Scope = EVERYTHING, search: str = "", sort: str = "", **filters: str) -> list[MitigationRow]:
        """The list."""
        asked = ListQuery(search=search, sort=sort, filters={name: (value,) for name, value in filters.items()})
        with self.world.read() as read:
            return mitigated.page(read, scope, asked).items


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


def test_a_statement_tells_who_said_it_why_and_for_which_devices(fleet: Fleet) -> None:
    fleet.say(fleet.one)
    (row,) = fleet.rows()
    assert (row.title, row.weakness, row.kind, row.text) == ("Update curl to 7.2-1", "CVE-2099-1", "workaround", "Off.")
    assert (row.group_name, row.devices, row.group_devices) == ("one", 2, 2)
    assert (row.evidence, row.stated_by, row.state) == ("change 4711", "test", "applied")


def test_it_holds_for_fewer_devices_with_every_fix_and_is_over_with_the_last(fleet: Fleet) -> None:
    fleet.say(fleet.one, fleet.two)
    fleet.report("7.2-1", fleet.devices[0])
    assert [(row.group_name, row.devices) for row in fleet.rows(sort="group")] == [("one", 1), ("two", 1)]
    fleet.report("7.2-1", *fleet.devices[:2])
    assert [row.group_name for row in fleet.rows(state="over")] == ["one"]
    fleet.report("7.2-1", *fleet.devices)
    assert {(row.title, row.state) for row in fleet.rows()} == {("", "over")}  # nothing is recommended any more


def test_what_was_taken_back_stays_with_who_took_it_back(fleet: Fleet) -> None:
    (kept,) = fleet.say(fleet.one)
    workflows.withdraw_mitigated(fleet.world.database, ACTOR, kept.id, fleet.world.clock.at)
    (row,) = fleet.rows(state="withdrawn")
    assert (row.withdrawn_by, row.devices) == ("test", 0)
    assert row.withdrawn_at is not None
    assert fleet.rows(state="applied") == []


def test_it_is_searched_filtered_and_scoped(fleet: Fleet) -> None:
    fleet.say(fleet.one, fleet.two)
    assert len(fleet.rows(search="4711", recommendation=CURL, kind="workaround")) == 2
    assert fleet.rows(search="another change") == []
    assert fleet.rows(recommendation="va-_-debian-_-exim4") == []
    assert [row.group_name for row in fleet.rows(Scope(frozenset([fleet.two])))] == ["two"]
