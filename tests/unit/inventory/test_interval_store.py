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
    (gone,) = inv.read(lambda conn: list(inventory.ended_times(conn, None)))
    assert (gone[0], *gone[2:]) == (first.id, began, began + DAY)
    assert inv.read(lambda conn: list(inventory.ended_times(conn, [second.id]))) == []
    assert inv.read(lambda conn: list(inventory.ended_times(conn, None, began + DAY))) == []
    assert [one for one, _, _ in inv.read(lambda conn: list(inventory.present_times(conn, [second.id])))] == [second.id]
