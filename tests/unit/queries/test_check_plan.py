"""Settings in the plan: exact gains of the secure score, and the exposure score stays what it is."""

from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg
from tests.unit.queries.fleet import CRITICAL
from tests.unit.queries.test_checks import tell
from weakspot.intel.contracts import EvidenceRecord
from weakspot.queries import plan, recommendations, secure_score
from weakspot.queries.base import ListQuery
from weakspot.queries.plan import PlanQuery
from weakspot.queries.plan_contracts import SettingsPlan
from weakspot.runtime.errors import BadQuery


def made(world: World, query: PlanQuery | None = None, scope: Scope = EVERYTHING) -> SettingsPlan:
    with world.read() as read:
        found = plan.plan(read, scope, query or PlanQuery()).settings
    assert found is not None
    return found


def test_the_points_of_every_step_come_when_the_devices_tell_the_new_value(world: World) -> None:
    web, desk = world.enrol("web"), world.enrol("desk")
    tell(world, web, aslr="0", updates="disabled")
    tell(world, desk, aslr="0", updates="enabled")
    predicted = made(world)
    first, second = predicted.steps
    assert (first.check_id, first.devices, first.gain, first.id) == (
        "check-linux-aslr", 2, 7.0, "sca-_-check-linux-aslr",
    )  # fmt: skip
    assert (predicted.devices, predicted.is_reached, predicted.percent_after) == (2, True, 100)
    tell(world, web, aslr="2", updates="disabled")
    tell(world, desk, aslr="2", updates="enabled")
    with world.read() as read:
        now = secure_score.show(read, EVERYTHING)
    assert now.points == pytest.approx(first.points_after, abs=1e-9)
    tell(world, web, aslr="2", updates="enabled")
    after = made(world)
    assert after.points_before == pytest.approx(second.points_after, abs=1e-9)
    assert (after.steps, after.percent_before) == ([], 100)


def test_goals_of_their_own(world: World) -> None:
    tell(world, world.enrol("web"), aslr="0", updates="disabled")
    assert len(made(world, PlanQuery(settings=1)).steps) == 1
    reached = made(world, PlanQuery(secure_score=40.0))
    assert (reached.is_reached, reached.least_actions, len(reached.steps)) == (True, 1, 1)
    one = made(world, PlanQuery(settings_hours=3.0, efforts={"ConfigurationChange": 2.0}))
    assert (one.hours, len(one.steps)) == (2.0, 1)
    cheap = made(world, PlanQuery(settings_hours=3.0, efforts={"sca-_-check-linux-aslr": 1.0, "Update": 1.0}))
    assert cheap.steps[0].hours == 1.0
    nobody = made(world, PlanQuery(), Scope(frozenset()))
    assert (nobody.steps, nobody.percent_before, nobody.best_possible) == ([], None, None)
    for query in (PlanQuery(settings=0), PlanQuery(secure_score=101.0), PlanQuery(settings_hours=0.0)):
        with pytest.raises(BadQuery):
            made(world, query)


def test_what_a_setting_makes_harder_is_told_beside_and_in_no_score(world: World) -> None:
    """Issue 7, item 2: checks that blunt a class of attack, with the part of the risk that they take away."""
    web, desk = world.enrol("web"), world.enrol("desk")
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"), cvss=CRITICAL))
    for device in (web, desk):
        world.report(device, dpkg("libssl3", "3.0.11-1", source="openssl"))
    world.know("attack", EvidenceRecord(name="CVE-2099-0001", kind="technique", details={"exploitation": "T1068 x"}))
    tell(world, web, aslr="0")
    with world.read() as read:
        whole = plan.plan(read, EVERYTHING, PlanQuery())
        (row,) = recommendations.page(read, EVERYTHING, ListQuery(filters={"remediation": ("Update",)})).items
        (aslr, *_) = recommendations.detail(read, EVERYTHING, row.id).blunting_checks
    assert whole.settings is not None
    assert [one.blunted_weaknesses for one in whole.settings.steps] == [1]
    assert aslr.risk_share == pytest.approx(0.25 / 2), "a quarter, on one of the two devices"
    before = whole.score_before
    tell(world, web, aslr="2")
    with world.read() as read:
        assert plan.plan(read, EVERYTHING, PlanQuery()).score_before == before
