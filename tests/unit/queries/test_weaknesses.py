from __future__ import annotations

import pytest

from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import ListQuery, weaknesses
from weakspot.runtime.errors import BadQuery, NotFound


def names(fleet: SmallFleet, scope=None, **asked) -> list[str]:
    filters = {name: asked.pop(name) for name in list(asked) if name not in ("search", "sort", "page", "page_size")}
    with fleet.world.read() as read:
        page = weaknesses.page(read, scope or fleet.everything, ListQuery(filters=filters, **asked))
    return [row.name for row in page.items]


def test_lists_what_is_in_the_fleet_most_hazardous_first(fleet: SmallFleet) -> None:
    assert names(fleet) == ["CVE-2099-0001", "CVE-2099-0003", "CVE-2099-0004", "CVE-2099-0002"]


def test_row_tells_counts_software_and_threat(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        row = weaknesses.page(read, fleet.everything, ListQuery()).items[0]
    assert (row.severity, row.cvss_score, row.epss, row.exploit_level) == ("Critical", 9.8, 0.9, "known_exploited")
    assert (row.exposed_devices, row.software_count, row.software[0].id) == (2, 1, "debian-_-libssl3")
    assert row.is_known_exploited
    assert row.is_fix_available
    assert row.first_detected_at == "2026-09-21T14:13:20.000000Z"
    assert row.hazard > 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"severity": ("Critical",)}, {"0001"}),
        ({"severity": ("Medium", "Critical")}, {"0001", "0002", "0003"}),
        ({"exploit": ("known_exploited",)}, {"0001"}),
        ({"exploit": ("any",)}, {"0001"}),
        ({"exploit": ("none",)}, {"0002", "0003", "0004"}),
        ({"fix": ("none",)}, {"0002"}),
        ({"fix": ("available",)}, {"0001", "0003", "0004"}),
        ({"exposed": ("no",)}, {"0005"}),
        ({"exposed": ("any",)}, {"0001", "0002", "0003", "0004", "0005"}),
        ({"software": ("debian-_-exim4",)}, {"0003"}),
        ({"software": ("debian-_-bash",)}, set()),
        ({"software": ("no-_-such",)}, set()),
        ({"search": "TIMING"}, {"0002"}),
        ({"search": "2099-000"}, {"0001", "0002", "0003", "0004"}),
        ({"search": "ghsa-AAAA-bbbb-cccc"}, {"0001"}),
        ({"search": "timing", "severity": ("Critical",)}, set()),
    ],
)
def test_filters(fleet: SmallFleet, asked: dict[str, object], found: set[str]) -> None:
    assert set(names(fleet, **asked)) == {f"CVE-2099-{number}" for number in found}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", "1 2 3 4"),
        ("-name", "4 3 2 1"),
        ("-exposed_devices", "2 1 34"),
        ("exposed_devices", "34 1 2"),
        ("-cvss_score", "1 23 4"),
        ("cvss_score", "23 1 4"),
        ("-epss", "1 3 2 4"),
        ("epss", "2 3 1 4"),
        ("-published_at", "2 1 34"),
        ("published_at", "1 2 34"),
        ("-updated_at", "1 234"),
        ("-severity", "1 23 4"),
        ("hazard", "2 4 3 1"),
    ],
)
def test_sorts_with_unknown_values_last(fleet: SmallFleet, sort: str, order: str) -> None:
    found = "".join(name[-1] for name in names(fleet, sort=sort))
    for alike in order.split():
        assert set(found[: len(alike)]) == set(alike)
        found = found[len(alike) :]
    assert found == ""


def test_pages_and_says_what_was_asked(fleet: SmallFleet) -> None:
    query = ListQuery(sort="name", page=2, page_size=3, filters={"exposed": ("yes",)})
    with fleet.world.read() as read:
        page = weaknesses.page(read, fleet.everything, query)
        beyond = weaknesses.page(read, fleet.everything, ListQuery(page=9))
    assert [row.name for row in page.items] == ["CVE-2099-0004"]
    assert (page.total, page.page, page.sort) == (4, 2, "name")
    assert page.described == "Weaknesses where exposed is yes"
    assert (beyond.items, beyond.total) == ([], 4)


@pytest.mark.parametrize(
    "query",
    [
        ListQuery(filters={"colour": ("red",)}),
        ListQuery(filters={"severity": ("Terrible",)}),
        ListQuery(sort="colour"),
        ListQuery(page=0),
    ],
)
def test_refuses_what_it_does_not_offer(fleet: SmallFleet, query: ListQuery) -> None:
    with fleet.world.read() as read, pytest.raises(BadQuery):
        weaknesses.page(read, fleet.everything, query)


def test_scope_hides_what_only_others_have(fleet: SmallFleet) -> None:
    assert set(names(fleet, fleet.only_servers)) == {"CVE-2099-0001", "CVE-2099-0002", "CVE-2099-0003"}
    assert names(fleet, fleet.nobody) == []
    assert names(fleet, fleet.only_servers, software=("pypi-_-flask",)) == []
    with fleet.world.read() as read:
        rows = weaknesses.page(read, fleet.only_servers, ListQuery()).items
        unexposed = weaknesses.page(read, fleet.only_servers, ListQuery(filters={"exposed": ("no",)}))
    assert sorted((row.name[-1], row.exposed_devices) for row in rows) == [("1", 1), ("2", 2), ("3", 1)]
    flask = next(row for row in unexposed.items if row.name == "CVE-2099-0004")
    nginx = next(row for row in unexposed.items if row.name == "CVE-2099-0005")
    hidden = (flask.exposed_devices, flask.first_detected_at, flask.software, flask.is_fix_available)
    assert hidden == (0, None, [], False)
    assert hidden == (nginx.exposed_devices, nginx.first_detected_at, nginx.software, nginx.is_fix_available)


def test_detail_by_any_name(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        found = weaknesses.detail(read, fleet.everything, "ghsa-aaaa-BBBB-cccc")
    assert found.weakness.name == "CVE-2099-0001"
    assert found.aliases == ["GHSA-aaaa-bbbb-cccc"]
    assert found.known_exploited_since == "2026-09-01"
    assert [claim.source for claim in found.claims] == ["osv"]
    assert found.affected_software_total == 1
    affected = found.affected_software[0]
    assert (affected.version, affected.fixed_version, affected.exposed_devices) == ("3.0.11-1", "3.0.15-1", 2)


def test_detail_in_a_scope_without_it_tells_public_knowledge_alone(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        found = weaknesses.detail(read, fleet.only_servers, "CVE-2099-0004")
    assert (found.affected_software, found.affected_software_total, found.weakness.exposed_devices) == ([], 0, 0)


def test_devices_of_a_weakness_are_those_in_scope(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        every = weaknesses.devices(read, fleet.everything, "CVE-2099-0001", ListQuery(sort="name"))
        servers = weaknesses.devices(read, fleet.only_servers, "CVE-2099-0001", ListQuery())
        none = weaknesses.devices(read, fleet.only_servers, "CVE-2099-0004", ListQuery())
    assert [row.name for row in every.items] == ["desk", "web-10"]
    assert [row.name for row in servers.items] == ["web-10"]
    assert (none.items, none.total) == ([], 0)


def test_unknown_name_is_not_found(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        with pytest.raises(NotFound, match="spelling"):
            weaknesses.detail(read, fleet.everything, "CVE-1900-1")
        with pytest.raises(NotFound, match="spelling"):
            weaknesses.devices(read, fleet.everything, "CVE-1900-1", ListQuery())
