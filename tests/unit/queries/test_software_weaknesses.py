from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import ListQuery, software_weaknesses
from weakspot.runtime.errors import NotFound


def test_weaknesses_of_software_in_the_scope(fleet: SmallFleet) -> None:
    query = ListQuery(sort="name")
    with fleet.world.read() as read:
        found = software_weaknesses.page(read, fleet.only_servers, "debian-_-libssl3", query)
        with pytest.raises(NotFound):
            software_weaknesses.page(read, fleet.only_servers, "pypi-_-flask", query)
    assert [(row.name, row.is_counted) for row in found.items] == [("CVE-2099-0001", True), ("CVE-2099-0002", True)]


def test_weak_matches_show_on_demand_with_their_reason(world: World) -> None:
    device = world.enrol("box")
    world.know(
        "debian",
        advisory("CVE-2099-0001", debian("bash", fixed="5.3-1")),
        advisory("CVE-2099-0002", debian("bash", status="unimportant")),
        advisory("CVE-2099-0003", debian("zsh", status="unimportant")),
    )
    world.report(device, dpkg("bash", "5.1-1", source="bash"), dpkg("zsh", "5.9-1", source="zsh"))
    world.catch_up()

    def shown(**filters: tuple[str, ...]) -> list[tuple[str, int, bool, str]]:
        query = ListQuery(filters=filters, sort="name")
        with world.read() as read:
            page = software_weaknesses.page(read, EVERYTHING, "debian-_-bash", query)
        assert page.total == len(page.items)
        return [(one.name, one.confidence, one.is_counted, one.weak_because) for one in page.items]

    counted = ("CVE-2099-0001", 100, True, "")
    assert shown() == [counted]
    assert shown(confidence=("all",)) == [
        counted,
        ("CVE-2099-0002", 30, False, "The distribution sees no impact on security."),
    ]
    assert shown(confidence=("all",), severity=("Critical",)) == []
