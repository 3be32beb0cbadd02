"""Decisions about devices and groups: in force in the index with the commit, inside the scope, audited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pyroaring import BitMap

from tests.support.world import EVERYTHING, World, dpkg
from weakspot import access, inventory
from weakspot.access import Caller, Scope
from weakspot.access.rules import ADMINISTRATOR
from weakspot.inventory import labels
from weakspot.inventory.labels import store
from weakspot.inventory.rules.grouping import Condition, MatchingRule
from weakspot.queries import ListQuery, device_groups, devices
from weakspot.queries.contracts import DeviceRow
from weakspot.runtime.errors import Conflict, Forbidden, InvalidField, NotFound
from weakspot.workflows import device_decisions
from weakspot.workflows.device_decisions import DeviceDecision, Selection

ADMIN = Caller("user", 1, "ada", "administrator", ADMINISTRATOR, EVERYTHING)
NOTHING = MatchingRule()
NAMES_WEB = MatchingRule(conditions=(Condition(kind="name", operator="starts_with", values=("web",)),))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def row(world: World, name: str) -> DeviceRow:
    world.catch_up()
    with world.read() as read:
        return next(one for one in devices.page(read, EVERYTHING, ListQuery()).items if one.name == name)


def decide(world: World, actor: Caller = ADMIN, ids: tuple[str, ...] = (), **fields: object) -> int:
    devices_meant = fields.pop("devices", Selection(ids=ids))
    asked = DeviceDecision(devices=devices_meant, **fields)  # type: ignore[arg-type]
    return device_decisions.decide_devices(world.database, actor, asked, world.clock())


def group(world: World, name: str, rule: MatchingRule = NOTHING, actor: Caller = ADMIN) -> int:
    return device_decisions.create_group(world.database, actor, name, "", rule, world.clock())


def members(world: World, name: str) -> int:
    world.catch_up()
    with world.read() as read:
        return next(one.devices for one in device_groups.groups(read, EVERYTHING) if one.name == name)


def test_a_rule_takes_its_devices_at_once_and_new_ones_as_they_come(world: World) -> None:
    web, _ = world.enrol("web01"), world.enrol("db01")
    world.report(web, dpkg("curl", "1"))
    made = group(world, "Web", NAMES_WEB)
    assert (row(world, "web01").group_name, row(world, "db01").group_name) == ("Web", "Ungrouped devices")
    world.enrol("web02")
    assert members(world, "Web") == 2
    # A device that is renamed is placed anew by its report.
    renamed = msgspec.structs.replace(web, described=msgspec.structs.replace(web.described, name="old01"))
    world.report(renamed, dpkg("curl", "1"))
    assert members(world, "Web") == 1
    device_decisions.delete_group(world.database, ADMIN, made, world.clock())
    assert row(world, "web02").group_name == "Ungrouped devices"
    assert group(world, "Later") > made
    assert world.follower.compare() == []


def test_rank_decides_and_a_hand_places_below_it(world: World) -> None:
    web = world.enrol("web01")
    by_hand, by_rule = group(world, "By hand"), group(world, "By rule", NAMES_WEB)
    assert row(world, "web01").group_id == by_rule
    decide(world, ids=(web.public_id,), group_id=by_hand)
    assert row(world, "web01").group_id == by_hand
    device_decisions.order_groups(world.database, ADMIN, [by_rule, by_hand], world.clock())
    assert row(world, "web01").group_id == by_rule
    device_decisions.change_group(world.database, ADMIN, by_rule, "By rule", "", MatchingRule(), world.clock())
    assert row(world, "web01").group_id == by_hand
    decide(world, ids=(web.public_id,), group_id="unset")
    assert row(world, "web01").group_name == "Ungrouped devices"
    assert world.follower.compare() == []


def test_tags_by_people_sensors_and_rules_are_told_apart_and_groups_follow_them(world: World) -> None:
    web, db = world.enrol("web01", tags=("rack 7",)), world.enrol("db01")
    device_decisions.write_tag_rule(world.database, ADMIN, "web (front, end)", NAMES_WEB, world.clock())
    tagged = MatchingRule(conditions=(Condition(kind="tag", values=("web (front, end)", "vip")),))
    group(world, "Tagged", tagged)
    assert row(world, "web01").tags == ["rack 7", "web (front, end)"]
    decide(world, ids=(db.public_id,), add_tags=("VIP",))
    assert members(world, "Tagged") == 2
    with world.read() as read:
        assert {one.name: one.origins for one in device_groups.tags(read, EVERYTHING)} == {
            "rack 7": ["sensor"], "web (front, end)": ["rule"], "VIP": ["manual"],
        }  # fmt: skip
        found = devices.page(read, EVERYTHING, ListQuery(filters={"device_tag": ("web (front, end)",)}))
        assert [one.id for one in found.items] == [web.public_id]
    decide(world, devices=Selection(tags=("VIP",)), remove_tags=("VIP",))
    assert (members(world, "Tagged"), row(world, "db01").tags) == (1, [])
    assert world.follower.compare() == []


def test_value_criticality_reach_and_exclusion_are_in_force_at_once(world: World) -> None:
    web = world.enrol("web01")
    world.report(web, dpkg("curl", "1"))
    decide(
        world, ids=(web.public_id,), value="High", criticality="Very high", internet_facing="yes",
        is_excluded=True, reason="lab  device",
    )  # fmt: skip
    shown = row(world, "web01")
    assert (shown.device_value, shown.criticality, shown.is_internet_facing, shown.is_excluded) == (
        "High", "Very high", True, True,
    )  # fmt: skip
    with world.read() as read:
        assert devices.detail(read, EVERYTHING, web.public_id).exclusion_reason == "lab device"
        assert not read.fleet.scope_bitmap(EVERYTHING)
        for name, value in (("criticality", "Very high"), ("value", "High"), ("internet_facing", "yes")):
            assert devices.page(read, EVERYTHING, ListQuery(filters={name: (value,)})).total == 1
            assert (
                devices.page(
                    read, EVERYTHING, ListQuery(filters={name: ("Low" if name != "internet_facing" else "no",)})
                ).total
                == 0
            )
    decide(world, ids=(web.public_id,), value="unset", criticality="unset", internet_facing="unset", is_excluded=False)
    shown = row(world, "web01")
    assert (shown.device_value, shown.criticality, shown.is_internet_facing, shown.is_excluded) == (
        "Normal", "None", None, False,
    )  # fmt: skip
    assert world.follower.compare() == []


def test_nothing_outside_the_scope_is_touched_and_all_is_audited(world: World) -> None:
    mine, other = group(world, "Mine"), world.enrol("web01")
    own = world.enrol("own01")
    decide(world, ids=(own.public_id,), group_id=mine)
    scoped = msgspec.structs.replace(ADMIN, scope=Scope(frozenset([mine])))
    with pytest.raises(NotFound):
        decide(world, scoped, ids=(own.public_id, other.public_id), value="High")
    with pytest.raises(NotFound):
        decide(world, scoped, devices=Selection(groups=(1,)), value="High")
    with pytest.raises(Forbidden):
        decide(world, scoped, ids=(own.public_id,), group_id="unset")
    with pytest.raises(Forbidden):
        group(world, "Theirs", actor=scoped)
    assert row(world, "own01").device_value == "Normal"
    assert decide(world, scoped, ids=(own.public_id,), value="High", reason="owner asked") == 1
    with world.read() as read:
        last = access.audit_entries(read.conn)[-1]
    assert (last.action, last.details) == ("device.decide", {"value": "High", "reason": "owner asked"})
    assert last.target == f"devices:{own.public_id}"


def test_what_cannot_be_decided_is_refused(world: World) -> None:
    web = world.enrol("web01")
    with pytest.raises(InvalidField, match="reason"):
        decide(world, ids=(web.public_id,), is_excluded=True)
    with pytest.raises(InvalidField, match="printable"):
        decide(world, ids=(web.public_id,), add_tags=("a\x07b",))
    with pytest.raises(NotFound):
        decide(world, ids=("0" * 40,), value="High")
    group(world, "Web")
    with pytest.raises(Conflict):
        group(world, "wEB")
    with pytest.raises(Conflict):
        device_decisions.delete_group(world.database, ADMIN, 1, world.clock())
    with pytest.raises(InvalidField, match="default"):
        device_decisions.change_group(world.database, ADMIN, 1, "Rest", "", NAMES_WEB, world.clock())
    with pytest.raises(InvalidField, match="each once"):
        device_decisions.order_groups(world.database, ADMIN, [1], world.clock())


def test_a_preview_counts_all_and_shows_ten(world: World) -> None:
    for number in range(12):
        world.enrol(f"web{number:02}")
    with world.read() as read:
        seen = device_groups.preview(read, EVERYTHING, NAMES_WEB)
        assert (seen.total, [one.name for one in seen.devices][:2], len(seen.devices)) == (12, ["web00", "web01"], 10)
        assert device_groups.preview(read, Scope(frozenset()), NAMES_WEB).total == 0


def test_what_is_in_force_is_what_a_full_derivation_gives(world: World) -> None:
    world.enrol("web01", tags=("rack 7",))
    db = world.enrol("db01")
    tagged = MatchingRule(conditions=(Condition(kind="tag", values=("rack 7", "web")),))
    device_decisions.write_tag_rule(world.database, ADMIN, "web", NAMES_WEB, world.clock())
    group(world, "Tagged", tagged)
    with world.read() as read:
        assert labels.differences(read.conn, inventory.described_devices(read.conn)) == []
    # Somebody who changes tables by hand is found out.
    with world.read() as read:
        one = next(one.id for one in labels.groups(read.conn) if one.name == "Tagged")
    world.database.write(lambda conn: store.regroup(conn, {one: BitMap([db.id])}))
    with world.read() as read:
        told = labels.differences(read.conn, inventory.described_devices(read.conn))
    assert [one.partition(":")[0] for one in told] == ["device group 1"]
    world.database.write(lambda conn: store.write_found(conn, "tag", "sensor", "rack 7", BitMap([db.id])))
    with world.read() as read:
        assert any(
            "'rack 7' by sensors" in one
            for one in labels.differences(read.conn, inventory.described_devices(read.conn))
        )
    world.database.write(lambda conn: labels.rebuild(conn, inventory.described_devices(conn), world.clock()))
    with world.read() as read:
        assert labels.differences(read.conn, inventory.described_devices(read.conn)) == []
    assert world.follower.compare() == []
