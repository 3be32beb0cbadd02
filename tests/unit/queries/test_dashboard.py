from __future__ import annotations

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited
from tests.unit.queries.fleet import SmallFleet
from weakspot import workflows
from weakspot.queries import ListQuery, dashboard, recommendations, timeline


def test_shows_the_whole_fleet(fleet: SmallFleet) -> None:
    """spec/features.md 4: "Exposure score: current organisation score, level"; "number of devices per exposure level";
    "Top vulnerable software", "Top exposed devices".
    """
    with fleet.world.read() as read:
        shown = dashboard.show(read, fleet.everything)
    assert (shown.devices, shown.weaknesses) == (3, 4)
    assert (shown.critical_weaknesses, shown.known_exploited_weaknesses) == (1, 1)
    assert shown.exposure_score is not None
    assert (shown.distribution.high, shown.distribution.none) == (2, 0)
    assert shown.top_weaknesses[0].name == "CVE-2099-0001"
    assert [row.name for row in shown.top_software] == ["libssl3", "exim4", "Flask"]
    assert [row.name for row in shown.top_devices] == ["desk", "web-10", "mail-9"]
    assert shown.knowledge.version == 3


def test_cards_show_the_zero_day_and_their_order(world: World) -> None:
    """spec/features.md 4: "Top security recommendations: stack-ranked: name, exposed-device count, threat/breach icons,
    tags (e.g. zero-day), score impact"; "Top vulnerable software: ... threat icons, exposed devices, tags, impact";
    "Top events: the three most impactful events of the last 7 days"; 15.3: "dashboard top recommendations, software".
    """
    world.report(world.enrol("web"), dpkg("exim4", "4.96-1"), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("exim4")), advisory("CVE-2099-2", debian("curl", fixed="8.0-1")))
    world.know("kev", known_exploited("CVE-2099-1"))
    with world.read() as read:
        shown = dashboard.show(read, EVERYTHING)
        listed = recommendations.page(read, EVERYTHING, ListQuery()).items
        summary = timeline.summary(read, EVERYTHING)
    software = {one.name: one for one in shown.top_software}
    assert (software["exim4"].tags, software["exim4"].exploit_level) == (["zero_day"], "known_exploited")
    assert software["curl"].tags == []
    assert [one.impact for one in shown.top_software] == sorted((s.impact for s in software.values()), reverse=True)
    assert {one.product: one.tags for one in listed} == {"curl": [], "exim4": ["zero_day"]}
    assert len(summary.top_events) <= timeline.TOP_EVENTS == 3


def test_shows_the_scope_alone(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        servers = dashboard.show(read, fleet.only_servers)
        nothing = dashboard.show(read, fleet.nobody)
    assert (servers.devices, servers.weaknesses) == (2, 3)
    assert {row.name for row in servers.top_devices} == {"web-10", "mail-9"}
    assert {row.name for row in servers.top_software} == {"libssl3", "exim4"}
    assert (nothing.exposure_score, nothing.exposure_level, nothing.weaknesses) == (None, "None", 0)
    assert (nothing.top_weaknesses, nothing.top_software, nothing.top_devices) == ([], [], [])


def test_trend_is_the_history_of_the_scope(world: World) -> None:
    from weakspot.access.contracts import Scope

    first, second = world.group("First"), world.group("Second")
    world.report(world.enrol("box", group=first), dpkg("bash", "5-1"))
    workflows.record_scores(world.database, world.fleet, world.clock.at)
    world.clock.forward(days=1)
    with world.read() as read:
        everything = dashboard.show(read, EVERYTHING).trend
        one = dashboard.show(read, Scope(frozenset({first}))).trend
        other = dashboard.show(read, Scope(frozenset({second}))).trend
        several = dashboard.show(read, Scope(frozenset({first, second}))).trend
    assert [point.score for point in everything] == [0.0]
    assert [point.score for point in one] == [0.0]
    assert (other, several) == ([], [])


def test_an_empty_product_shows_itself(world: World) -> None:
    with world.read() as read:
        shown = dashboard.show(read, EVERYTHING)
    assert (shown.devices, shown.weaknesses, shown.exposure_score, shown.knowledge.version) == (0, 0, None, 0)
