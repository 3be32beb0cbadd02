from __future__ import annotations

from tests.support.world import EVERYTHING, World, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot import scoring
from weakspot.queries import dashboard


def test_shows_the_whole_fleet(fleet: SmallFleet) -> None:
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
    world.database.write(lambda conn: scoring.record_points(conn, world.fleet, world.clock.at))
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
