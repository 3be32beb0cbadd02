from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, World, dpkg
from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import ListQuery, devices
from weakspot.runtime.errors import NotFound


def test_lists_installations_with_evidence(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        page = devices.software(read, fleet.everything, fleet.web.public_id, ListQuery())
    first, bash = page.items
    assert (first.software.name, first.source_name, first.weaknesses) == ("libssl3", "openssl", 2)
    assert (bash.paths, bash.installed_at, bash.weaknesses) == (["/bin/bash"], "2026-01-02T03:04:05Z", 0)


def test_filters_and_reasons(fleet: SmallFleet) -> None:
    def names(**filters: tuple[str, ...]) -> list[str]:
        with fleet.world.read() as read:
            query = ListQuery(sort="name", filters=filters)
            page = devices.software(read, fleet.everything, fleet.desk.public_id, query)
        return [row.software.name for row in page.items]

    assert names(weak=("yes",)) == ["Flask", "libssl3"]
    assert names(weak=("no",)) == ["leftpad"]
    assert names(type=("pypi",)) == ["Flask", "leftpad"]
    with fleet.world.read() as read:
        page = devices.software(read, fleet.everything, fleet.desk.public_id, ListQuery(search="LEFT"))
    assert [(row.weaknesses, row.not_assessed_reason is None) for row in page.items] == [(None, False)]


def test_out_of_scope_is_not_found(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        for ask in (devices.software, devices.changes, devices.weaknesses):
            with pytest.raises(NotFound):
                ask(read, fleet.only_servers, fleet.desk.public_id, ListQuery())


def test_changes_tell_updates_apart_from_removals(world: World) -> None:
    device = world.enrol("box")
    world.report(device, dpkg("bash", "5.1-1"), dpkg("zsh", "5-1"))
    world.clock.forward(days=1)
    world.report(device, dpkg("bash", "5.2-1"), dpkg("vim", "9-1"))
    with world.read() as read:
        page = devices.changes(read, EVERYTHING, device.public_id, ListQuery())
        found = devices.changes(read, EVERYTHING, device.public_id, ListQuery(search="VIM"))
    told = {(row.software.name, row.change, row.version, row.previous_version) for row in page.items}
    assert told == {
        ("bash", "updated", "5.2-1", "5.1-1"),
        ("vim", "installed", "9-1", None),
        ("zsh", "removed", "5-1", None),
    }
    assert {row.at for row in page.items} == {"2026-09-22T14:13:20.000000Z"}
    assert [row.software.name for row in found.items] == ["vim"]


def test_two_versions_at_once_are_paired_in_order(world: World) -> None:
    device = world.enrol("box")
    world.report(device, dpkg("kernel", "5-1"), dpkg("kernel", "6-1"))
    world.clock.forward(days=1)
    world.report(device, dpkg("kernel", "6-1"), dpkg("kernel", "7-1"), dpkg("kernel", "8-1"))
    with world.read() as read:
        page = devices.changes(read, EVERYTHING, device.public_id, ListQuery())
    told = {(row.change, row.version, row.previous_version) for row in page.items}
    assert told == {("updated", "7-1", "5-1"), ("installed", "8-1", None)}
