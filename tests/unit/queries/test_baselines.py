"""Baseline profiles over a small world (spec/features.md 17.1)."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from tests.support.world import EVERYTHING, EnrolledDevice, Scope, World
from tests.unit.queries.test_checks import tell
from weakspot import exceptions
from weakspot.exceptions.contracts import ExceptionScope, NewException
from weakspot.inventory.contracts import OperatingSystem
from weakspot.posture import baselines as decided
from weakspot.posture.baselines import Baseline, Profile
from weakspot.queries import baselines
from weakspot.queries.base import ListQuery
from weakspot.queries.baseline_contracts import BaselineDetail
from weakspot.queries.defender_baselines import configurations, profiles, rows
from weakspot.queries.defender_exports import Cursor
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import NotFound

ASLR, UPDATES = "check-linux-aslr", "check-linux-automatic-updates"


def add(world: World, *checks: str, **fields: Any) -> Baseline:
    values = {"name": "Servers", "platform": "linux", "configurations": [{"check_id": one} for one in checks]} | fields
    profile = msgspec.convert(values, Profile)
    ident = str(uuid.uuid4())
    return world.database.write(lambda conn: decided.add(conn, ident, profile, "user:1:ada", world.clock.at))


def detail(world: World, made: Baseline, scope: Scope = EVERYTHING) -> BaselineDetail:
    with world.read() as read:
        return baselines.detail(read, scope, made.id)


@pytest.fixture
def three(world: World) -> tuple[EnrolledDevice, EnrolledDevice, EnrolledDevice]:
    good, bad, mute = world.enrol("good"), world.enrol("bad"), world.enrol("mute")
    tell(world, good, aslr="2", updates="enabled")
    tell(world, bad, aslr="0", updates="enabled")
    tell(world, mute, aslr="2")
    return good, bad, mute


def except_on(world: World, device: EnrolledDevice, check_id: str) -> None:
    asked = NewException(
        subject_kind="recommendation", subject=f"sca-_-{check_id}",
        scope=ExceptionScope(kind="device", device_ids=(device.id,)), justification="risk_accepted",
        context="for a test", until_at=world.clock.at + 30 * DAY,
    )  # fmt: skip
    world.database.write(lambda conn: exceptions.request(conn, asked, "user:1:ada", world.clock.at))
    world.catch_up()


Three = tuple[EnrolledDevice, EnrolledDevice, EnrolledDevice]


def test_devices_comply_with_all_fail_or_are_not_known(world: World, three: Three) -> None:
    """17.1: per device x configuration: applicable, compliant (nullable), source, recommended and current value."""
    made = add(world, ASLR, UPDATES)
    found = detail(world, made)
    row = found.baseline
    assert (row.devices, row.compliant_devices, row.non_compliant_devices, row.unknown_devices) == (3, 1, 1, 1)
    assert (row.settings, row.created_by, row.changed_by) == (2, "ada", None)
    first, second = found.configurations
    assert (first.check_id, first.non_compliant_devices, first.compliant_devices) == (ASLR, 1, 2)
    assert (second.check_id, second.unknown_devices, second.expected) == (UPDATES, 1, "Equals 'enabled'")
    with world.read() as read:
        page = baselines.devices(read, EVERYTHING, made.id, ListQuery())
        (mine,) = baselines.of_device(read, EVERYTHING, three[1].public_id)
        failing = baselines.devices(read, EVERYTHING, made.id, ListQuery(filters={"compliance": ("non_compliant",)}))
        unknown = baselines.devices(
            read, EVERYTHING, made.id, ListQuery(filters={"compliance": ("unknown",), "configuration": (UPDATES,)})
        )
    assert [(one.name, one.compliance, one.failing_settings, one.unknown_settings) for one in page.items] == [
        ("bad", "non_compliant", 1, 0), ("good", "compliant", 0, 0), ("mute", "unknown", 0, 1),
    ]  # fmt: skip
    assert [one.name for one in failing.items] == ["bad"]
    assert [one.name for one in unknown.items] == ["mute"]
    assert mine.compliance == "non_compliant"
    assert [(one.check_id, one.result, one.value) for one in mine.configurations] == [
        (ASLR, "non_compliant", "0"), (UPDATES, "compliant", "enabled"),
    ]  # fmt: skip


def test_a_threshold_of_its_own_leaves_the_check_as_it_is(world: World) -> None:
    """17.1: each may be customised to another threshold; icon for "not default"."""
    tell(world, world.enrol("web"), aslr="1")
    made = add(world, configurations=[{"check_id": ASLR, "expected": {"at_least": 1}}])
    (row,) = detail(world, made).configurations
    assert (row.is_customised, row.compliant_devices, row.non_compliant_devices) == (True, 1, 0)
    assert (row.expected, row.check_expected) == ("Greater than or equal '1'", "Equals '2'")
    plain = add(world, name="Plain", configurations=[{"check_id": ASLR, "expected": {"equals": "2"}}])
    (same,) = detail(world, plain).configurations
    assert (same.is_customised, same.non_compliant_devices) == (False, 1)


def test_a_profile_is_for_its_groups_tags_and_systems(world: World) -> None:
    """17.1: device groups and device tags (future members join automatically)."""
    servers = world.group("Servers")
    web, desk = world.enrol("web", group=servers), world.enrol("desk")
    world.enrol("old", group=servers, os=OperatingSystem(platform="Linux", distribution="debian", version="11"))
    world.enrol("till", group=servers, os=OperatingSystem(platform="Windows", distribution="windows"))
    made = add(world, ASLR, groups=[servers], distribution="Debian", os_version="12")
    tagged = add(world, ASLR, name="Tagged", tags=["web"])
    assert detail(world, made).baseline.devices == 1
    assert detail(world, tagged).baseline.devices == 0
    world.decide(desk, group_id=servers)
    assert detail(world, made).baseline.devices == 2
    assert detail(world, tagged, Scope(frozenset([1]))).baseline.groups is None
    with pytest.raises(NotFound):
        detail(world, made, Scope(frozenset([1])))
    with world.read() as read:
        assert [one.name for one in baselines.listed(read, Scope(frozenset([1])))] == ["Tagged"]
    off = add(world, ASLR, name="Off", is_enabled=False)
    assert detail(world, off).baseline.devices == 0
    with world.read() as read:
        assert [one.name for one in baselines.of_device(read, EVERYTHING, web.public_id)] == ["Servers"]


def test_what_is_under_an_exception_is_not_assessed(world: World, three: Three) -> None:
    """17.1: covered pairs are not assessed and do not affect metrics."""
    made = add(world, ASLR)
    except_on(world, three[1], ASLR)
    found = detail(world, made)
    assert (found.baseline.devices, found.baseline.compliant_devices, found.baseline.non_compliant_devices) == (3, 3, 0)
    assert (found.configurations[0].exempt_devices, found.configurations[0].applicable_devices) == (1, 2)
    with world.read() as read:
        (mine,) = baselines.of_device(read, EVERYTHING, three[1].public_id)
        exported = [row.device_name for row, _ in rows(Lens(read, EVERYTHING), Cursor(world.clock.at))]
    assert [one.is_exempt for one in mine.configurations] == [True]
    assert exported == ["good", "mute"]


def test_the_overview_names_the_worst(world: World, three: Three) -> None:
    add(world, ASLR, UPDATES)
    add(world, ASLR, name="Second")
    with world.read() as read:
        found = baselines.overview(read, EVERYTHING)
    counts = (found.devices, found.compliant_devices, found.non_compliant_devices, found.unknown_devices)
    assert counts == (3, 1, 1, 1)
    assert [(one.name, one.failing_settings) for one in found.top_failing_devices] == [("bad", 2)]
    assert {(one.baseline_name, one.check_id, one.devices) for one in found.top_failing_configurations} == {
        ("Second", ASLR, 1), ("Servers", ASLR, 1),
    }  # fmt: skip


def test_the_compatible_api_says_the_same(world: World, three: Three) -> None:
    """spec/api.md 12.11 and 14."""
    made = add(world, ASLR, UPDATES, benchmark="CIS", version="1.1", level="L1")
    with world.read() as read:
        lens = Lens(read, EVERYTHING)
        (profile,) = profiles(lens)
        known = {one.id: one for one in configurations(lens)}
        found = {(row.device_name, row.configuration_id): row for row, _ in rows(lens, Cursor(world.clock.at))}
        (first, cursor), *rest = list(rows(lens, Cursor(world.clock.at)))
        assert [row for row, _ in rows(lens, cursor)] == [row for row, _ in rest]
    assert (profile.passed_devices, profile.total_devices, profile.settings_number) == (1, 3, 2)
    assert known[ASLR].unique_id == f"CIS_1.1-linux_{ASLR}"
    assert len(found) == 6
    row = found["bad", ASLR]
    assert (row.is_applicable, row.is_compliant, row.recommended_value, row.current_value) == (
        True, False, ["Equals '2'"], ["0"],
    )  # fmt: skip
    assert first.id.endswith(f"_{made.id}_{first.configuration_id}")
    silent = msgspec.to_builtins(found["mute", UPDATES])
    assert "dataCollectionTimeOffset" not in silent, "absent if no data"
    assert "dataCollectionTimeOffset" in msgspec.to_builtins(row)
