"""weakspot.inventory.store: what is read of devices. Its writing is tested through the use cases."""

from __future__ import annotations

import sqlalchemy as sa

from tests.unit.inventory.support import START, Inventory, device, dpkg, full
from weakspot import inventory
from weakspot.inventory.tables import device_decision, device_group
from weakspot.runtime.clock import DAY


def test_devices_are_found_by_their_ids_and_names(inv: Inventory) -> None:
    web, mail = inv.enrol(), inv.enrol(device(name="MAIL"))
    assert inv.read(lambda conn: inventory.device_id_of(conn, web.public_id.upper())) == web.id
    assert inv.read(lambda conn: inventory.device_id_of(conn, "0" * 40)) is None
    assert inv.read(lambda conn: inventory.device_by_public_id(conn, "0" * 40)) is None
    assert inv.read(lambda conn: inventory.device_ids_named(conn, "mail")) == [mail.id]
    found = inv.read(lambda conn: inventory.device_by_public_id(conn, web.public_id))
    assert found is not None
    assert (found.id, found.name, found.described, found.end) == (web.id, "web01", web.described, None)
    assert (found.first_seen_at, found.last_report_at) == (START, None)
    assert inv.read(lambda conn: inventory.device(conn, 999)) is None


def test_before_the_first_report_there_is_nothing(inv: Inventory) -> None:
    web = inv.enrol()
    assert inv.read(lambda conn: inventory.device_state(conn, web.id)) is None
    assert inv.read(lambda conn: inventory.installation_times(conn, web.id)) == {}
    assert inv.read(lambda conn: inventory.evidence(conn, web.id)) == {}
    assert list(inv.read(lambda conn: list(inventory.installations(conn, None)))) == []


def test_installations_of_some_and_of_all(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    inv.record(one.key, full(one.described, 1, [dpkg("a"), dpkg("b")], START))
    inv.record(two.key, full(two.described, 1, [dpkg("b")], START))
    everything = inv.read(lambda conn: {d: ids.tolist() for d, ids in inventory.installations(conn, None)})
    assert everything.keys() == {one.id, two.id}
    assert everything[one.id] == sorted(everything[one.id])
    assert set(everything[two.id]) < set(everything[one.id])
    some = inv.read(lambda conn: {d: ids.tolist() for d, ids in inventory.installations(conn, [two.id])})
    assert some == {two.id: everything[two.id]}


def test_who_counts(inv: Inventory) -> None:
    ids = [inv.enrol().id for _ in range(3)]

    def unit(conn: sa.Connection) -> None:
        excluded = device_decision.c.device_id == ids[1]
        conn.execute(device_decision.update().where(excluded).values(is_excluded=True, device_value="High"))

    inv.write(unit)
    found = inv.read(lambda conn: list(inventory.fleet_device(conn, None, inv.now)))
    assert [(d.id, d.is_counted, d.device_value) for d in found] == [
        (ids[0], True, "Normal"),
        (ids[1], False, "High"),
        (ids[2], True, "Normal"),
    ]
    at_the_edge = inv.read(lambda conn: list(inventory.fleet_device(conn, ids[:1], START + 30 * DAY)))
    assert at_the_edge[0].is_counted
    past_it = inv.read(lambda conn: list(inventory.fleet_device(conn, ids[:1], START + 30 * DAY + 1)))
    assert not past_it[0].is_counted


def test_ended_installations_of_one_and_of_all(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    for who in (one, two):
        inv.record(who.key, full(who.described, 1, [dpkg("a")], START - 10))
    inv.record(two.key, full(two.described, 2, [], START - 5))
    inv.record(one.key, full(one.described, 2, [], START))
    assert [e.device_id for e in inv.read(lambda conn: inventory.ended(conn, None))] == [two.id, one.id]
    (ended,) = inv.read(lambda conn: inventory.ended(conn, one.id))
    assert (ended.first_seen_at, ended.removed_at) == (START - 10, START)


def test_groups_come_in_the_order_of_their_rank(inv: Inventory) -> None:
    inv.write(lambda conn: conn.execute(device_group.insert().values(id=2, name="First", rank=1, rule=b"{}")).rowcount)
    assert [(g.name, g.rank) for g in inv.read(inventory.groups)] == [("First", 1), ("Ungrouped", 9)]
