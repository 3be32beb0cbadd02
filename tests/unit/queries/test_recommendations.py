from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot import scoring, timeline, workflows
from weakspot.access import internal_caller
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import Mitigation
from weakspot.queries import ListQuery, mitigations, recommendation_order, recommendations, software
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import BadQuery, Conflict, Forbidden, InvalidField, NotFound

ACTOR = internal_caller("test")
CURL = "va-_-debian-_-curl"


def ids(fleet: SmallFleet, scope: Any = None, **asked: Any) -> list[str]:
    filters = {name: asked.pop(name) for name in list(asked) if name not in ("search", "sort", "page", "page_size")}
    with fleet.world.read() as read:
        page = recommendations.page(read, scope or fleet.everything, ListQuery(filters=filters, **asked))
    return [row.id for row in page.items]


OPENSSL, EXIM, FLASK = "va-_-debian-_-openssl", "va-_-debian-_-exim4", "va-_-pypi-_-flask"


def test_what_takes_most_off_the_score_is_first(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        page = recommendations.page(read, fleet.everything, ListQuery())
        score = scoring.organisation_score(fleet.world.fleet, fleet.everything)
    first = page.items[0]
    assert page.total == 3
    assert (first.id, first.title, first.remediation_type) == (OPENSSL, "Update openssl to 3.0.15-1", "Update")
    # CVE-2099-0002 has no fix: it is not counted, and mail has the fixed version already.
    assert (first.weaknesses, first.exposed_devices, first.installed_devices) == (1, 2, 3)
    assert (first.exposed_critical_devices, first.recommended_version) == (1, "3.0.15-1")
    assert (first.highest_severity, first.exploit_level, first.platforms) == ("Critical", "known_exploited", ["debian"])
    assert score is not None
    assert 0 < first.impact < score
    assert [row.impact for row in page.items] == sorted((row.impact for row in page.items), reverse=True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"remediation": ("Update",)}, {OPENSSL, EXIM, FLASK}),
        ({"remediation": ("Uninstall",)}, set()),
        ({"tag": ("zero_day",)}, set()),
        ({"severity": ("Critical",)}, {OPENSSL}),
        ({"threat": ("known_exploited",)}, {OPENSSL}),
        ({"threat": ("exploit",)}, {OPENSSL}),
        ({"search": "update FLASK"}, {FLASK}),
        ({"search": "va-_-pypi"}, {FLASK}),
    ],
)
def test_filters(fleet: SmallFleet, asked: dict[str, Any], found: set[str]) -> None:
    assert set(ids(fleet, **asked)) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", [EXIM, FLASK, OPENSSL]),
        ("-exposed_devices", [OPENSSL, EXIM, FLASK]),
        ("-installed_devices", [OPENSSL, EXIM, FLASK]),
        ("weaknesses", [EXIM, OPENSSL, FLASK]),
        ("-severity", [OPENSSL, EXIM, FLASK]),
    ],
)
def test_sorts(fleet: SmallFleet, sort: str, order: list[str]) -> None:
    assert ids(fleet, sort=sort) == order


def test_unknown_filters_are_refused(fleet: SmallFleet) -> None:
    with pytest.raises(BadQuery):
        ids(fleet, remediation=("Pray",))


def test_a_large_fleet_is_ordered_by_limits_and_shows_exact_impacts(
    fleet: SmallFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = ids(fleet)
    monkeypatch.setattr(recommendation_order, "EXACT_IMPACTS", 1)
    monkeypatch.setattr(recommendation_order, "SMALL_FLEET", 0)
    assert set(ids(fleet)) == set(exact)
    assert ids(fleet)[0] == exact[0]


def test_a_scope_hides_what_is_elsewhere(fleet: SmallFleet) -> None:
    assert set(ids(fleet, fleet.only_servers)) == {OPENSSL, EXIM}
    assert ids(fleet, fleet.nobody) == []
    with fleet.world.read() as read:
        with pytest.raises(NotFound) as hidden:
            recommendations.detail(read, fleet.only_servers, FLASK)
        with pytest.raises(NotFound) as unknown:
            recommendations.detail(read, fleet.only_servers, "va-_-pypi-_-unheard-of")
        assert hidden.value.detail == unknown.value.detail
        for ask in (recommendations.devices, recommendations.weaknesses):
            with pytest.raises(NotFound):
                ask(read, fleet.only_servers, FLASK, ListQuery())


def test_devices_weaknesses_and_targets(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        exposed = recommendations.devices(read, fleet.everything, OPENSSL, ListQuery(sort="name"))
        taken = recommendations.weaknesses(read, fleet.everything, OPENSSL.upper(), ListQuery())
        found = recommendations.detail(read, fleet.everything, OPENSSL)
    assert [row.name for row in exposed.items] == ["desk", "web-10"]
    assert [row.name for row in taken.items] == ["CVE-2099-0001"]
    assert [one.name for one in found.software] == ["libssl3"]
    told = [
        (one.version, one.target_version, one.devices, one.weaknesses, one.weaknesses_after) for one in found.targets
    ]
    assert told == [("3.0.11-1", "3.0.15-1", 2, 2, 1)]
    assert found.targets_total == 1


def test_mitigations_with_the_share_of_the_risk(world: World) -> None:
    device = world.enrol("web")
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="7.2-1"), mitigations=(
            Mitigation("workaround", "Turn it off.", "https://vendor.example/1"),
            Mitigation("vendor_fix", "Update."),
        )),
    )  # fmt: skip
    world.report(device, dpkg("curl", "7.0-1"))
    with world.read() as read:
        (only,) = recommendations.detail(read, EVERYTHING, "va-_-debian-_-curl").mitigations
    assert (only.weakness, only.kind, only.text) == ("CVE-2099-1", "workaround", "Turn it off.")
    assert only.risk_share == pytest.approx(0.75)


def test_a_mitigation_is_tracked_by_what_people_say_of_device_groups(world: World) -> None:
    # 1.4: "alternate mitigations"; design 2.3: nothing is completed because somebody said so.
    one, two = world.group("one"), world.group("two")
    devices = [world.enrol(name, group=group) for name, group in (("a", one), ("b", one), ("c", two))]
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="7.2-1"), mitigations=(
            Mitigation("workaround", "Turn it off."), Mitigation("mitigation", "Filter it."),
        )),
    )  # fmt: skip
    for device in devices:
        world.report(device, dpkg("curl", "7.0-1"))
    world.catch_up()

    def shown(scope: Scope = EVERYTHING) -> Any:
        with world.read() as read:
            return recommendations.detail(read, scope, CURL)

    def say(kind: str, *groups: int) -> list[Any]:
        with world.read() as read:
            chosen = next(each.id for each in shown().mitigations if each.kind == kind)
            made = mitigations.resolve(Lens(read, EVERYTHING), CURL, shown().mitigations, chosen, "change 4711", groups)
        return workflows.state_mitigated(world.database, ACTOR, made, world.clock.at)

    assert (shown().mitigated_devices, shown().mitigated_risk_share) == (0, 0.0)
    before = shown().recommendation.impact
    (kept,) = say("workaround", one)
    found = shown()
    assert (found.mitigated_devices, found.mitigated_risk_share) == (2, pytest.approx(2 / 3 * 0.75))
    (said,) = next(each.applied for each in found.mitigations if each.kind == "workaround")
    assert (said.group_name, said.devices, said.evidence, said.stated_by) == ("one", 2, "change 4711", "test")
    assert found.recommendation.impact == before  # an exception lowers scores, a statement does not
    with pytest.raises(Conflict):
        say("workaround", one)
    say("mitigation", one, two)
    assert shown().mitigated_risk_share == pytest.approx(2 / 3 * 0.75 + 1 / 3 * 0.5)  # the better one counts
    assert shown(Scope(frozenset([two]))).mitigated_risk_share == pytest.approx(0.5)
    world.report(devices[0], dpkg("curl", "7.2-1"))  # fixed: it is not a matter of mitigation any more
    assert shown().mitigated_devices == 2
    workflows.withdraw_mitigated(world.database, ACTOR, kept.id, world.clock.at)
    assert shown().mitigated_risk_share == pytest.approx(0.5)
    with pytest.raises(Conflict):
        workflows.withdraw_mitigated(world.database, ACTOR, kept.id, world.clock.at)
    narrow = msgspec.structs.replace(ACTOR, scope=Scope(frozenset([two])))
    with pytest.raises(Forbidden):
        workflows.state_mitigated(world.database, narrow, [kept], world.clock.at)
    with pytest.raises(NotFound):
        workflows.withdraw_mitigated(world.database, narrow, kept.id, world.clock.at)
    with pytest.raises(InvalidField):
        workflows.state_mitigated(world.database, ACTOR, [msgspec.structs.replace(kept, evidence=" ")], 0)


def test_the_trend_of_exposed_devices_comes_from_recorded_points(world: World) -> None:
    # 6.2: "exposed / total installed, with small trend graph: red when rising, green when falling"
    one, two = world.group("one"), world.group("two")
    first, second = world.enrol("a", group=one), world.enrol("b", group=two)
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="7.2-1")))

    def day(**reports: str) -> None:
        for device, name in ((first, "a"), (second, "b")):
            if name in reports:
                world.report(device, dpkg("curl", reports[name]))
        world.catch_up()
        with world.read() as read:
            found = timeline.exposed_now(read.conn, read.fleet, world.clock.at)
            points = timeline.exposure_points(read.conn, found, world.clock.at)
        timeline.record_exposure(world.database, points, world.clock.at)
        world.clock.at += DAY

    def row(scope: Scope = EVERYTHING) -> Any:
        with world.read() as read:
            return recommendations.page(read, scope, ListQuery()).items[0]

    world.report(first, dpkg("curl", "7.0-1"))
    assert (row().exposed_trend, row().exposed_change) == ([], None)  # nothing is known yet
    day()
    day(b="7.0-1")
    day()
    assert (row().exposed_trend, row().exposed_change) == ([1, 2, 2, 2], 1)
    assert row(Scope(frozenset([two]))).exposed_trend == [0, 1, 1, 1]
    with world.read() as read:  # 4: "Software, number of weaknesses, threat icons, exposed devices with a small trend"
        assert [one.exposed_trend for one in software.page(read, EVERYTHING, ListQuery()).items] == [[1, 2, 2, 2]]
    world.clock.at += 40 * DAY
    for device, version in ((first, "7.2-1"), (second, "7.0-1")):  # both were heard of: they count
        world.report(device, dpkg("curl", version))
    found = row()
    assert (len(found.exposed_trend), set(found.exposed_trend[:-1]), found.exposed_trend[-1]) == (31, {2}, 1)
    assert found.exposed_change == -1
    with world.read() as read:
        points = timeline.exposure_points(
            read.conn, timeline.exposed_now(read.conn, read.fleet, world.clock.at), world.clock.at
        )
    assert len(points) == 2
    timeline.record_exposure(world.database, points, world.clock.at)
    with world.read() as read:  # at most one a day: those that were written just now stay
        assert len(timeline.exposure_points(read.conn, {}, world.clock.at)) == 2
