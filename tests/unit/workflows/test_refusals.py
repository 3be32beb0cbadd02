"""Refused sensors are in the audit log: who and why, at most once an hour for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World
from weakspot import access
from weakspot.inventory import identities
from weakspot.inventory.contracts import HardwareId
from weakspot.runtime.errors import AccessError, DeviceKnown, TooLarge
from weakspot.workflows.refusals import Refusals


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def lines(world: World) -> list[tuple[str, str]]:
    world.database.write(lambda conn: None)  # behind what was submitted
    with world.read() as read:
        return [
            (one.target, one.details["reason"])
            for one in access.audit_entries(read.conn)
            if one.action == "sensor.refused"
        ]


def test_each_reason_of_each_device_once_an_hour(world: World) -> None:
    web, refusals = world.enrol("web01"), Refusals(world.services)
    for _ in range(3):
        refusals.note(web.key, TooLarge("The body is over 10 bytes."), world.clock())
    refusals.note("wsd_" + "0" * 43, AccessError("unknown"), world.clock())
    refusals.note("wsd_" + "1" * 43, AccessError("unknown"), world.clock())
    refusals.note(None, AccessError("none"), world.clock())
    assert lines(world) == [(f"device:{web.public_id}", "too-large"), ("device:an unknown key", "unauthenticated")]
    world.clock.forward(seconds=3_601)
    refusals.note(web.key, TooLarge("The body is over 10 bytes."), world.clock())
    assert len(lines(world)) == 3
    with world.read() as read:
        assert web.key not in str(access.audit_entries(read.conn))


def test_a_cloned_key_is_shown_as_a_finding(world: World) -> None:
    web = world.enrol("web01", hardware_ids=(HardwareId("machine_id", "m1"), HardwareId("product_uuid", "u1")))
    told = (HardwareId("machine_id", "m1"), HardwareId("product_uuid", "u2"))
    Refusals(world.services).note(web.key, DeviceKnown("clone"), world.clock(), told)
    assert lines(world) == [(f"device:{web.public_id}", "device-known")]
    with world.read() as read:
        (found,) = identities.events(read.conn)
    assert (found.rule, found.device_id, found.evidence.differing) == (
        "cloned_key", web.id, {"product_uuid": ["u1", "u2"]},
    )  # fmt: skip
