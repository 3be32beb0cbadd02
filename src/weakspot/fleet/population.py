"""Which devices there are, where they belong and which of them count.

Device groups are disjoint, so a device has one *column*: 0 when it is not counted (excluded, silent, unknown), else the
column of its group. Every count in the index is kept per column; a scope is a set of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.contracts import DEVICE_VALUES, BitMapLike, DeviceFacts, DeviceValue
from weakspot.fleet.paging import PagedArray
from weakspot.inventory.contracts import FleetPlaces

NOT_COUNTED = 0
MAX_GROUPS = 10_000


class Move(msgspec.Struct, frozen=True):
    """Devices that go from one column to another."""

    before: int
    now: int
    devices: BitMapLike


class Population:
    """Groups, values and columns of all devices, at one moment. Never changed."""

    def __init__(
        self,
        column_of: PagedArray | None = None,
        group_ids: tuple[int, ...] = (),
        members: tuple[BitMap, ...] = (BitMap(),),
        values: tuple[BitMap, ...] = tuple(BitMap() for _ in DEVICE_VALUES),
    ) -> None:
        self.column_of = column_of if column_of is not None else PagedArray(np.uint16)
        self.group_ids = group_ids
        """Group id of column 1, 2, ..."""
        self.members = members
        """Devices by column; column 0 holds those that are known and not counted."""
        self.values = values
        """Devices by device value, in the order of ``DEVICE_VALUES``, counted or not."""
        self._scopes: dict[frozenset[int] | None, BitMap] = {}

    @property
    def width(self) -> int:
        """Number of columns, the uncounted one included."""
        return len(self.members)

    def columns(self, scope: Scope) -> Sequence[int]:
        """Columns of the groups in ``scope``, ascending; a group without devices has none."""
        if scope.group_ids is None:
            return range(1, self.width)
        wanted = scope.group_ids
        return [column for column, group in enumerate(self.group_ids, 1) if group in wanted]

    def devices(self, scope: Scope) -> BitMap:
        """Counted devices of the scope. Shared: do not change it."""
        found = self._scopes.get(scope.group_ids)
        if found is None:
            found = BitMap.union(BitMap(), *(self.members[column] for column in self.columns(scope)))
            if len(self._scopes) > 256:
                self._scopes.clear()
            self._scopes[scope.group_ids] = found
        return found

    def members_of(self, group_ids: Iterable[int]) -> BitMap:
        """Counted devices of some device groups: the caller's own. For sets that are no scope (exceptions)."""
        wanted = frozenset(group_ids)
        columns = (column for column, group in enumerate(self.group_ids, 1) if group in wanted)
        return BitMap.union(BitMap(), *(self.members[column] for column in columns))

    def counted(self) -> int:
        """How many devices count, in all device groups together."""
        return sum(map(len, self.members[1:]))

    def all_devices(self) -> BitMap:
        """Every known device, counted or not."""
        return BitMap.union(*self.members)

    def value_of(self, device_id: int) -> DeviceValue | None:
        """A device's value; None when the device is not known."""
        for value, devices in zip(DEVICE_VALUES, self.values, strict=True):
            if device_id in devices:
                return value
        return None

    def changed(self, places: FleetPlaces) -> tuple[Population, list[Move]]:
        """The population with some devices where they belong now, and the devices that moved between columns."""
        group_ids, wanted = self._columns_of(places)
        moves = [move for column, devices in wanted.items() for move in self._moves(devices, column)]
        members = [*self.members, *(BitMap() for _ in range(len(group_ids) + 1 - self.width))]
        for move in moves:
            members[move.before] = members[move.before] - move.devices
        for column, devices in wanted.items():
            members[column] = members[column] | devices
        named = places.devices
        values = [
            (devices - named) | places.values.get(value, BitMap())
            for value, devices in zip(DEVICE_VALUES, self.values, strict=True)
        ]
        return Population(_moved(self.column_of, moves), group_ids, tuple(members), tuple(values)), moves

    def _columns_of(self, places: FleetPlaces) -> tuple[tuple[int, ...], dict[int, BitMap]]:
        """Group ids with those that are new, and column -> the devices that belong into it."""
        counted = {group: devices & places.counted for group, devices in places.groups.items()}
        fresh = [group for group, devices in counted.items() if devices and group not in self.group_ids]
        group_ids = (*self.group_ids, *sorted(fresh, key=lambda group: counted[group].min()))
        if len(group_ids) > MAX_GROUPS:
            raise ValueError(f"more than {MAX_GROUPS} device groups")
        wanted = {NOT_COUNTED: places.devices - places.counted}
        wanted |= {column: counted[group] for column, group in enumerate(group_ids, 1) if group in counted}
        return group_ids, {column: devices for column, devices in wanted.items() if devices}

    def _moves(self, devices: BitMap, now: int) -> Iterator[Move]:
        ids = np.frombuffer(devices.to_array(), np.uint32)
        columns = self.column_of.take(ids)
        for before in np.unique(columns).tolist():
            if before != now:
                yield Move(before, now, BitMap(ids[columns == before]))


def places_of(facts: Sequence[DeviceFacts]) -> FleetPlaces:
    """Facts as sets; of several about one device the last one counts."""
    latest = {fact.device_id: fact for fact in facts}
    groups: dict[int, list[int]] = {}
    values: dict[DeviceValue, list[int]] = {}
    for device_id, fact in latest.items():
        groups.setdefault(fact.group_id, []).append(device_id)
        values.setdefault(fact.device_value, []).append(device_id)
    return FleetPlaces(
        devices=BitMap(list(latest)),
        groups={group: BitMap(some) for group, some in groups.items()},
        values={value: BitMap(some) for value, some in values.items()},
        counted=BitMap([device_id for device_id, fact in latest.items() if fact.is_counted]),
    )


def _moved(column_of: PagedArray, moves: Sequence[Move]) -> PagedArray:
    editor = column_of.edit()
    for move in moves:
        editor.put(np.frombuffer(move.devices.to_array(), np.uint32), np.full(len(move.devices), move.now, np.uint16))
    return editor.freeze()
