"""A small world in one table: what the index reads, changed together with the outbox in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from tests.unit.fleet.model import Model, ids
from tests.unit.scoring.facts import facts
from weakspot.fleet.contracts import DeviceFacts, Ids, Labels
from weakspot.fleet.population import places_of
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.inventory.contracts import FleetDevice, FleetPlaces
from weakspot.runtime import changes
from weakspot.runtime.database import Database

UNIT = 1 << 32
_key, _body = sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.LargeBinary)
world = sa.Table("world", sa.MetaData(), _key, _body)


class State(msgspec.Struct):
    """The model's dictionaries; ``hazards`` are whole units, kept as the EPSS value of the facts."""

    software_of: dict[int, int]
    installed: dict[int, set[int]] = {}
    facts: dict[int, tuple[int, str, bool]] = {}
    matches: dict[int, set[int]] = {}
    hazards: dict[int, int] = {}
    detected: dict[int, set[int]] = {}
    settings: dict[int, set[int]] = {}
    platforms: dict[int, str] = {}


def create(database: Database, state: State) -> None:
    def unit(conn: Connection) -> None:
        world.create(conn)
        changes.changes.create(conn)
        conn.execute(world.insert().values(id=1, body=msgspec.msgpack.encode(state)))

    database.write(unit)


def alter(database: Database, change: Callable[[State], Iterable[tuple[str, dict[str, Any]]]]) -> int:
    """Change the world and tell the followers; returns the last seq."""

    def unit(conn: Connection) -> int:
        state = read(conn)
        changes.append_many(conn, 1, list(change(state)))
        write(conn, state)
        return changes.last_seq(conn)

    return database.write(unit)


def write(conn: Connection, state: State) -> None:
    conn.execute(world.update().values(body=msgspec.msgpack.encode(state)))


def read(conn: Connection) -> State:
    return msgspec.msgpack.decode(conn.execute(sa.select(world.c.body)).scalar_one(), type=State)


def model(state: State) -> Model:
    return Model(state.software_of, state.installed, state.facts, state.matches, state.hazards)


def hazard(one: VulnerabilityFacts) -> int:
    return int(one.epss or 0)


class WorldTables:
    """``fleet.sources.Tables`` over the world. ``failures``: how many times reading matches still fails;
    ``builds``: how many times everything was read."""

    def __init__(self) -> None:
        self.failures = 0
        self.builds = 0

    def devices(self, conn: Connection, wanted: Iterable[int] | None, now: int) -> Iterator[FleetDevice]:
        for device, (group, value, counted) in sorted(_chosen(read(conn).facts, wanted)):
            yield FleetDevice(device, f"{device:040x}", f"device-{device}", group, value, counted)

    def places(self, conn: Connection, wanted: Iterable[int] | None, now: int) -> FleetPlaces:
        return places_of(
            [DeviceFacts(one.id, one.group_id, one.device_value, one.is_counted)
             for one in self.devices(conn, wanted, now)]
        )  # fmt: skip

    def installations(self, conn: Connection, wanted: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        for device, versions in sorted(_chosen(read(conn).installed, wanted)):
            yield device, ids(versions)

    def software_of(self, conn: Connection, wanted: Iterable[int] | None) -> Mapping[int, int]:
        return dict(_chosen(read(conn).software_of, wanted))

    def open_pairs(self, conn: Connection, wanted: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is away")
        self.builds += wanted is None
        for version, found in sorted(_chosen(read(conn).matches, wanted)):
            for vulnerability in sorted(found):
                yield version, vulnerability

    def labels(self, conn: Connection) -> Labels:
        return {}

    def raising(self, conn: Connection, wanted: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        for device, found in sorted(_chosen(read(conn).detected, wanted)):
            for vulnerability in sorted(found):
                yield device, vulnerability

    def settings(self, conn: Connection, wanted: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        for device, values in sorted(_chosen(read(conn).settings, wanted)):
            yield device, ids(values)

    def platforms(self, conn: Connection, wanted: Iterable[int] | None) -> Mapping[str, BitMap]:
        found: dict[str, BitMap] = {}
        for device, kind in _chosen(read(conn).platforms, wanted):
            found.setdefault(kind, BitMap()).add(device)
        return found

    def facts(self, conn: Connection, wanted: Iterable[int]) -> Mapping[int, VulnerabilityFacts]:
        return {one: facts(id=one, epss=size) for one, size in _chosen(read(conn).hazards, wanted)}


def _chosen(items: dict[int, Any], wanted: Iterable[int] | None) -> list[tuple[int, Any]]:
    if wanted is None:
        return list(items.items())
    return [(one, items[one]) for one in wanted if one in items]
