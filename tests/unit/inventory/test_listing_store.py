"""weakspot.inventory.listing_store."""

from __future__ import annotations

from tests.unit.inventory.support import START, Inventory, dpkg, full
from weakspot import inventory


def test_the_light_rows_say_the_same_as_the_full_ones(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    inv.record(one.key, full(one.described, 1, [dpkg(f"p{n}") for n in range(300)], START))
    for wanted in (None, [one.id, two.id]):
        listed = {d.id: d for d in inv.read(lambda conn, w=wanted: list(inventory.listed_devices(conn, w)))}
        for whole in inv.read(lambda conn: inventory.devices(conn, [one.id, two.id])):
            light = listed[whole.id]
            for name in ("name", "domain", "os_platform", "os_distribution", "os_version", "group_id", "is_excluded"):
                assert getattr(light, name) == getattr(whole, name)
        assert {i: d.software for i, d in listed.items()} == {one.id: 300, two.id: 0}
    assert inv.read(lambda conn: list(inventory.last_reports(conn))) == [(one.id, START, START)]
    assert inv.read(lambda conn: dict(inventory.last_contacts(conn))) == {one.id: START, two.id: START}
