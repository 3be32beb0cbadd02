from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import ListQuery, devices, weaknesses


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["0001", "0004", "0002"]),
        ("name", ["0001", "0002", "0004"]),
        ("-cvss_score", ["0001", "0002", "0004"]),
        ("epss", ["0002", "0001", "0004"]),
        ("software", ["0004", "0001", "0002"]),
        ("-severity", ["0001", "0002", "0004"]),
    ],
)
def test_sorts_findings(fleet: SmallFleet, sort: str, order: list[str]) -> None:
    with fleet.world.read() as read:
        page = devices.weaknesses(read, fleet.everything, fleet.desk.public_id, ListQuery(sort=sort))
    assert [row.weakness.name for row in page.items] == [f"CVE-2099-{number}" for number in order]


def test_filters_findings(fleet: SmallFleet) -> None:
    def found(search: str = "", **filters: tuple[str, ...]) -> set[str]:
        with fleet.world.read() as read:
            query = ListQuery(search=search, filters=filters)
            page = devices.weaknesses(read, fleet.everything, fleet.desk.public_id, query)
        return {row.weakness.name[-1] for row in page.items}

    assert found(severity=("Critical", "Unknown")) == {"1", "4"}
    assert found(search="FLASK") == {"4"}
    assert found(search="timing") == {"2"}
    assert found(state=("closed",)) == set()


def test_a_finding_closes_with_the_fix_and_stays_in_the_history(world: World) -> None:
    device = world.enrol("box")
    world.know("osv", advisory("CVE-2099-0001", debian("bash", fixed="5.3-1")))
    world.report(device, dpkg("bash", "5.1-1"))
    world.clock.forward(days=1)
    world.report(device, dpkg("bash", "5.2-1"))  # still vulnerable: the finding goes on
    with world.read() as read:
        still = devices.weaknesses(read, EVERYTHING, device.public_id, ListQuery()).items
    assert [(row.version, row.first_detected_at[:10], row.reopened) for row in still] == [("5.2-1", "2026-09-21", 0)]
    world.clock.forward(days=1)
    world.report(device, dpkg("bash", "5.3-1"))
    closed = ListQuery(filters={"state": ("closed",)})
    with world.read() as read:
        left = devices.weaknesses(read, EVERYTHING, device.public_id, ListQuery())
        past = devices.weaknesses(read, EVERYTHING, device.public_id, closed).items
    assert left.items == []
    assert [(row.first_detected_at[:10], (row.fixed_at or "")[:10]) for row in past] == [("2026-09-21", "2026-09-23")]
    world.clock.forward(days=1)
    world.report(device, dpkg("bash", "5.1-1"))  # somebody went back: open again, and not in the history any more
    with world.read() as read:
        again = devices.weaknesses(read, EVERYTHING, device.public_id, ListQuery()).items
        past = devices.weaknesses(read, EVERYTHING, device.public_id, closed).items
        exposed = weaknesses.devices(read, EVERYTHING, "CVE-2099-0001", ListQuery()).items
    assert [(row.first_detected_at[:10], row.reopened) for row in again] == [("2026-09-24", 1)]
    assert [((row.first_detected_at or "")[:10], row.reopened) for row in exposed] == [("2026-09-24", 1)]
    assert past == []


def test_weak_matches_show_on_demand_with_their_reason_and_count_nowhere(world: World) -> None:
    device = world.enrol("box")
    world.know(
        "debian",
        advisory("CVE-2099-0001", debian("bash", fixed="5.3-1")),
        advisory("CVE-2099-0002", debian("bash", status="unimportant")),
    )
    world.report(device, dpkg("bash", "5.1-1", source="bash"))
    world.catch_up()
    everything = ListQuery(filters={"confidence": ("all",)}, sort="name")
    with world.read() as read:
        default = devices.weaknesses(read, EVERYTHING, device.public_id, ListQuery()).items
        shown = devices.weaknesses(read, EVERYTHING, device.public_id, everything).items
        exposed = weaknesses.devices(read, EVERYTHING, "CVE-2099-0002", ListQuery())
        weakly = weaknesses.devices(read, EVERYTHING, "CVE-2099-0002", ListQuery(filters={"confidence": ("all",)}))
        (row,) = devices.page(read, EVERYTHING, ListQuery()).items
    assert [(one.weakness.name, one.is_counted, one.weak_because) for one in default] == [("CVE-2099-0001", True, "")]
    assert [(one.weakness.name, one.is_counted, one.confidence) for one in shown] == [
        ("CVE-2099-0001", True, 100),
        ("CVE-2099-0002", False, 30),
    ]
    assert shown[1].weak_because == "The distribution sees no impact on security."
    assert (exposed.total, weakly.total) == (0, 1)
    assert row.weaknesses == 1
