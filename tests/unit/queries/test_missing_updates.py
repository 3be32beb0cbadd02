"""weakspot.queries.missing_updates: what the devices with a software lack."""

from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, World
from tests.unit.matching import test_updates as updates
from weakspot.access.contracts import Scope
from weakspot.queries import ListQuery, missing_updates, software
from weakspot.queries.missing_updates import MissingUpdateRow
from weakspot.runtime.errors import NotFound


def listed(world: World, scope: Scope = EVERYTHING, **asked: object) -> dict[str, MissingUpdateRow]:
    filters = {"restart": (str(asked.pop("restart")),)} if "restart" in asked else {}
    with world.read() as read:
        (ident,) = [one.id for one in software.page(read, EVERYTHING, ListQuery()).items if one.name == updates.NAME]
        query = ListQuery(filters=filters, **asked)  # type: ignore[arg-type]
        return {one.id: one for one in missing_updates.of_software(read, scope, ident, query).items}


def test_missing_updates_of_a_software_filter_by_pending_restart(world: World) -> None:
    """spec/features.md 14: "Missing KB item: id, name, products, URL, number of devices missing it, number of CVEs
    addressed"; "Pending restart tag: OS updates and KBs installed but not active until reboot; device still counts as
    exposed; filter ... on the software page's missing KBs"; 10.4: "Tab Missing KBs: filter by Pending restart".
    """
    world.know("wesng", *updates.KNOWN)
    waiting, lacking, other = updates.laptop(world), updates.laptop(world), updates.laptop(world)
    world.report(waiting, updates.system(), updates.update("5000001"), updates.update("5000002", "pending_restart"))
    world.report(lacking, updates.system(), updates.update("4000001"))
    group = world.group("apart")
    world.report(other, updates.system(), updates.update("5000001"), updates.update("5000002"))
    world.decide(other, group_id=group)
    found = listed(world)
    assert {one.id: (one.missing_devices, one.waiting_devices) for one in found.values()} == {
        "5000001": (1, 0),
        "5000002": (2, 1),
    }
    assert list(found) == ["5000002", "5000001"]
    assert found["5000002"].weakness_names == ["CVE-2099-0002"]
    assert (found["5000002"].weaknesses, found["5000002"].products) == (1, [updates.PRODUCT])
    assert found["5000002"].name.startswith("Security update KB5000002")
    assert found["5000002"].url.startswith("https://")
    assert set(listed(world, restart="pending")) == {"5000002"}
    assert set(listed(world, restart="none")) == {"5000001"}
    assert set(listed(world, search="cve-2099-0001")) == {"5000001"}
    assert list(listed(world, sort="name")) == ["5000001", "5000002"]
    assert listed(world, Scope(frozenset([group]))) == {}
    with world.read() as read:
        mine = missing_updates.of_device(read, EVERYTHING, waiting.public_id, ListQuery()).items
        assert [(one.id, one.waiting_devices) for one in mine] == [("5000002", 1)]
        with pytest.raises(NotFound):
            missing_updates.of_device(read, Scope(frozenset([group])), waiting.public_id, ListQuery())


def test_software_that_is_not_fixed_by_updates_has_none(world: World) -> None:
    world.report(world.enrol("a"), updates.update("5000001"))
    device = world.enrol("b")
    with world.read() as read:
        assert missing_updates.of_device(read, EVERYTHING, device.public_id, ListQuery()).items == []
