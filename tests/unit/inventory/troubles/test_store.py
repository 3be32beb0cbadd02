"""What is wrong with a device's sensor, as reports come and are refused; and what its agents' own logs say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support.world import EVERYTHING, World, dpkg
from weakspot.inventory import troubles
from weakspot.inventory.contracts import CollectorOutcome
from weakspot.inventory.troubles import LogLine
from weakspot.queries import ListQuery, devices, sources
from weakspot.runtime.clock import SECOND
from weakspot.runtime.errors import InvalidField
from weakspot.workflows.refusals import Refusals


@pytest.fixture
def world(tmp_path: Path, later_dialect: str) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def health(world: World) -> str:
    world.clock.forward(seconds=11)
    with world.read() as read:
        (row,) = devices.page(read, EVERYTHING, ListQuery()).items
        query = ListQuery(filters={"health": (row.health,)})
        assert [one.id for one in devices.page(read, EVERYTHING, query).items] == [row.id], "the filter says the same"
        return row.health


def test_a_part_that_failed_makes_a_device_misconfigured_until_a_whole_report(world: World) -> None:
    device = world.enrol("web01")
    failed = CollectorOutcome(name="dpkg", status="failed", reason="the database is damaged")
    world.report(device, dpkg("curl", "1"))
    assert health(world) == "Active"
    world.database.write(lambda conn: troubles.note_collectors(conn, {device.id: ([failed], world.clock())}))
    assert health(world) == "Misconfigured"
    with world.read() as read:
        assert sources.troubles_of(read, EVERYTHING, device.public_id).incomplete == "dpkg: the database is damaged"
    world.report(device, dpkg("curl", "2"))
    assert health(world) == "Active"


def test_a_refused_report_does_until_one_is_accepted(world: World) -> None:
    device = world.enrol("web01")
    world.report(device, dpkg("curl", "1"))
    refusals = Refusals(world.services)
    refusals.note(device.key, InvalidField("observed_at is ahead; set the device's clock.", field="x"), world.clock())
    world.database.write(lambda conn: None)  # after the refusal, which is written behind
    assert health(world) == "Misconfigured"
    with world.read() as read:
        told = sources.troubles_of(read, EVERYTHING, device.public_id)
    assert (told.refused, told.logs) == ("observed_at is ahead; set the device's clock.", [])
    world.report(device, dpkg("curl", "2"))
    assert health(world) == "Active"


def test_logs_are_kept_by_source_and_go_with_the_device(world: World) -> None:
    device = world.enrol("web01")
    at = world.clock()
    lines = [LogLine(at - SECOND, "error", "no such table: deb_packages", "sql.cpp:7"), LogLine(at, "warning", "slow")]
    key = (device.id, "osquery")
    world.database.write(lambda conn: troubles.keep_log(conn, {key: lines[:1]}, at))
    world.database.write(lambda conn: troubles.keep_log(conn, {key: lines}, at))
    with world.read() as read:
        (log,) = sources.troubles_of(read, EVERYTHING, device.public_id).logs
    assert (log.source, [(one.severity, one.text, one.place) for one in log.lines]) == (
        "osquery", [("warning", "slow", ""), ("error", "no such table: deb_packages", "sql.cpp:7")],
    )  # fmt: skip
    assert msgspec.json.encode(log)
    world.database.write(lambda conn: troubles.forget(conn, device.id))
    with world.read() as read:
        assert sources.troubles_of(read, EVERYTHING, device.public_id).logs == []
