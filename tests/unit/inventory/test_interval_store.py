"""What was installed when, of many devices at once."""

from __future__ import annotations

from tests.unit.inventory.support import Inventory, device, dpkg, full
from weakspot import inventory
from weakspot.runtime.clock import DAY


def test_present_and_past_of_the_devices_asked_for(inv: Inventory) -> None:
    first = inv.enrol(device(name="first"))
    second = inv.enrol(device(name="second"))
    began = inv.now
    for one in (first, second):
        inv.record(one.key, full(one.described, 1, [dpkg("a"), dpkg("b")], inv.now))
    inv.now += DAY
    inv.record(first.key, full(first.described, 2, [dpkg("b"), dpkg("c")], inv.now))
    present = {one: times for one, _, times in inv.read(lambda conn: list(inventory.present_times(conn, None)))}
    assert {one: times.tolist() for one, times in present.items()} == {
        first.id: [began, began + DAY],
        second.id: [began, began],
    }
    gone = inv.read(lambda conn: inventory.ended_times(conn, None))
    assert (gone.device.tolist(), gone.since.tolist(), gone.until.tolist()) == ([first.id], [began], [began + DAY])
    assert len(gone.version) == 1
    assert len(inv.read(lambda conn: inventory.ended_times(conn, [second.id])).device) == 0
    assert len(inv.read(lambda conn: inventory.ended_times(conn, None, began + DAY)).device) == 0
    new = inv.read(lambda conn: inventory.arrivals(conn, None, began))
    assert (new.place.tolist(), new.since.tolist()) == ([first.id], [began + DAY])
    assert len(inv.read(lambda conn: inventory.arrivals(conn, [second.id], began - 1)).place) == 2
    assert [one for one, _, _ in inv.read(lambda conn: list(inventory.present_times(conn, [second.id])))] == [second.id]
