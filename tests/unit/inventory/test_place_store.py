"""Where devices belong, as sets: the same as device by device."""

from __future__ import annotations

import sqlalchemy as sa
from pyroaring import BitMap

from tests.unit.inventory.support import START, Inventory, dpkg, full
from weakspot import inventory
from weakspot.inventory import labels
from weakspot.inventory.contracts import FleetDevice, FleetPlaces
from weakspot.inventory.rules.grouping import Condition, MatchingRule
from weakspot.runtime.clock import DAY


def one_by_one(devices: list[FleetDevice]) -> dict[int, tuple[int, str, bool]]:
    return {one.id: (one.group_id, one.device_value, one.is_counted) for one in devices}


def as_sets(places: FleetPlaces) -> dict[int, tuple[int, str, bool]]:
    return {
        one: (
            next(group for group, devices in places.groups.items() if one in devices),
            next(value for value, devices in places.values.items() if one in devices),
            one in places.counted,
        )
        for one in places.devices
    }


def test_sets_say_what_rows_say(inv: Inventory) -> None:
    known = [inv.enrol() for _ in range(6)]
    ids = [one.id for one in known]
    late = 30 * DAY + 1
    inv.now = START + late
    inv.record(known[4].key, full(known[4].described, 1, [dpkg("a")], START))

    def unit(conn: sa.Connection) -> None:
        labels.exclude(conn, BitMap([ids[1]]), "a spare", START)
        labels.choose_value(conn, BitMap(ids[2:4]), "High", START)
        labels.choose_value(conn, BitMap([ids[5]]), "Low", START)
        rule = MatchingRule(conditions=(Condition(kind="name", values=("nothing",)),))
        group = labels.create_group(conn, "Hall", "", rule, START)
        labels.place(conn, BitMap([ids[0], ids[5]]), group, START)

    inv.write(unit)
    for wanted in (None, ids[2:], [ids[0], 999], []):
        for now in (START, START + late):
            rows = inv.read(lambda conn, w=wanted, at=now: list(inventory.fleet_device(conn, w, at)))
            sets = inv.read(lambda conn, w=wanted, at=now: inventory.fleet_places(conn, w, at))
            assert as_sets(sets) == one_by_one(rows)
            assert set(sets.devices) == {one.id for one in rows}
    assert [one.is_counted for one in rows] == []
    where = inv.read(inventory.whereabouts)
    assert set(where.excluded) == {ids[1]}
    assert {one for devices in where.groups.values() for one in devices} == set(ids)
    assert set(where.ended) == set()
