from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World
from weakspot import inventory
from weakspot.inventory import settings
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.setting_times_store import FOREVER, ToldValue

OFF, ON = Setting("windows.service.dns_server", "absent"), Setting("windows.service.dns_server", "active")


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_when_a_device_told_a_value_and_which_devices_did_since(world: World) -> None:
    first, other = world.enrol("first"), world.enrol("other")
    moments = []
    for told in (OFF, ON, OFF):
        moments.append(world.clock.forward(days=1))
        at = world.clock.at
        world.database.write(lambda conn, told=told, at=at: settings.record(conn, first.id, "sensor", (told,), at, at))
    at = world.clock.at
    world.database.write(lambda conn: settings.record(conn, other.id, "sensor", (ON,), at, at))
    begin, between, again = moments
    with world.database.read() as conn:
        (off,) = settings.ids_of(conn, [OFF]).values()
        found = sorted(inventory.setting_times(conn, {off}, [first.id, other.id]))
        assert found == [ToldValue(first.id, off, begin, between), ToldValue(first.id, off, again, FOREVER)]
        assert set(inventory.devices_told_since(conn, {off}, again)) == {first.id}
        assert set(inventory.devices_told_since(conn, {off}, again + 1)) == set()
