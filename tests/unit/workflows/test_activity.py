from __future__ import annotations

from tests.support.world import World, dpkg
from weakspot import workflows
from weakspot.runtime import changes


def test_a_device_that_fell_silent_is_told_once(world: World) -> None:
    silent, live = world.enrol("silent"), world.enrol("live")
    for device in (silent, live):
        world.report(device, dpkg("bash", "5.1-1"))
    before = world.clock.at
    world.clock.forward(days=31)
    world.report(live, dpkg("bash", "5.1-2"))
    with world.database.read() as conn:
        start = changes.last_seq(conn)
    now = world.clock.at
    assert workflows.sweep_activity(world.database, before, now) == 1
    assert workflows.sweep_activity(world.database, now, now) == 0
    with world.database.read() as conn:
        told = [(one.kind, one.payload) for one in changes.since(conn, start)]
    assert told == [("inventory.device_facts", {"device_id": silent.id})]
