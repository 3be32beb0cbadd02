from __future__ import annotations

from typing import Any

import pytest

from tests.unit.queries.fleet import SmallFleet
from weakspot import scoring
from weakspot.queries import ListQuery, rows, software
from weakspot.runtime.errors import NotFound


def names(fleet: SmallFleet, scope: Any = None, **asked: Any) -> list[str]:
    filters = {name: asked.pop(name) for name in list(asked) if name not in ("search", "sort", "page", "page_size")}
    with fleet.world.read() as read:
        page = software.page(read, scope or fleet.everything, ListQuery(filters=filters, **asked))
    return [row.name for row in page.items]


def test_lists_what_costs_most_first(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        page = software.page(read, fleet.everything, ListQuery())
        score = scoring.organisation_score(fleet.world.fleet, fleet.everything)
    first = page.items[0]
    assert (first.id, first.type, first.weaknesses) == ("debian-_-libssl3", "dpkg", 2)
    assert (first.exposed_devices, first.installed_devices, first.versions) == (3, 3, 2)
    assert (first.highest_severity, first.exploit_level) == ("Critical", "known_exploited")
    assert score is not None
    assert 0 < first.impact < score
    assert [row.impact for row in page.items] == sorted((row.impact for row in page.items), reverse=True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"weak": ("yes",)}, {"libssl3", "exim4", "Flask"}),
        ({"weak": ("no",)}, {"bash", "leftpad"}),
        ({"weak": ("any",)}, {"libssl3", "exim4", "Flask", "bash", "leftpad"}),
        ({"assessed": ("no",)}, {"leftpad"}),
        ({"assessed": ("yes",)}, {"libssl3", "exim4", "Flask", "bash"}),
        ({"type": ("pypi",)}, {"Flask", "leftpad"}),
        ({"search": "SSL"}, {"libssl3"}),
        ({"search": "debian-_-lib"}, {"libssl3"}),
        ({"search": "pypi", "assessed": ("no",)}, {"leftpad"}),
    ],
)
def test_filters(fleet: SmallFleet, asked: dict[str, Any], found: set[str]) -> None:
    assert set(names(fleet, **asked)) == found


def test_sorts(fleet: SmallFleet) -> None:
    assert names(fleet, sort="name") == ["bash", "exim4", "Flask", "leftpad", "libssl3"]
    assert names(fleet, sort="vendor") == ["bash", "exim4", "libssl3", "Flask", "leftpad"]
    assert names(fleet, sort="-installed_devices")[0] == "libssl3"
    assert names(fleet, sort="-exposed_devices")[0] == "libssl3"
    by_weaknesses = names(fleet, sort="-weaknesses")
    assert (by_weaknesses[0], by_weaknesses[-1]) == ("libssl3", "leftpad")


def test_not_assessed_software_has_no_number(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        rows = {row.name: row.weaknesses for row in software.page(read, fleet.everything, ListQuery()).items}
    assert rows == {"libssl3": 2, "exim4": 1, "Flask": 1, "bash": 0, "leftpad": None}


def test_scope_hides_the_software_of_others(fleet: SmallFleet) -> None:
    assert set(names(fleet, fleet.only_servers)) == {"libssl3", "exim4", "bash"}
    assert names(fleet, fleet.nobody) == []
    with fleet.world.read() as read:
        row = next(r for r in software.page(read, fleet.only_servers, ListQuery()).items if r.name == "libssl3")
        with pytest.raises(NotFound) as hidden:
            software.detail(read, fleet.only_servers, "pypi-_-flask")
        with pytest.raises(NotFound) as unknown:
            software.detail(read, fleet.only_servers, "pypi-_-unheard-of")
    assert (row.exposed_devices, row.installed_devices) == (2, 2)
    assert hidden.value.detail == unknown.value.detail


def test_a_large_fleet_is_ordered_by_estimates_and_shown_with_recent_numbers(
    fleet: SmallFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fleet.world.read() as read:
        exact = software.page(read, fleet.everything, ListQuery()).items
    monkeypatch.setattr(software, "EXACT_IMPACTS", 0)
    monkeypatch.setattr(software, "EXACT_COUNTS", 0)
    monkeypatch.setattr(rows, "SMALL_FLEET", 0)
    with fleet.world.read() as read:
        estimated = software.page(read, fleet.everything, ListQuery()).items
        again = software.page(read, fleet.everything, ListQuery()).items
        by_weaknesses = software.page(read, fleet.everything, ListQuery(sort="-weaknesses")).items
    assert estimated == exact == again
    assert [row.weaknesses for row in by_weaknesses] == [2, 1, 1, 0, None]


def test_detail_lists_installed_versions_newest_first(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        found = software.detail(read, fleet.everything, "Debian-_-libssl3")
        office = software.detail(read, fleet.only_office, "debian-_-libssl3")
    told = [(one.version, one.installed_devices, one.weaknesses) for one in found.versions]
    assert told == [("3.0.15-1", 1, 1), ("3.0.11-1", 2, 2)]
    assert found.versions_total == 2
    assert [one.version for one in office.versions] == ["3.0.11-1"]


def test_devices_of_software(fleet: SmallFleet) -> None:
    query = ListQuery(sort="name")
    with fleet.world.read() as read:
        having = software.devices(read, fleet.everything, "debian-_-libssl3", query)
        with pytest.raises(NotFound):
            software.devices(read, fleet.only_servers, "pypi-_-flask", query)
    assert [row.name for row in having.items] == ["desk", "mail-9", "web-10"]
