"""Which devices there are, where they belong and which of them count.

Device groups are disjoint, so a device has one *column*: 0 when it is not counted (excluded, silent, unknown), else the
column of its group. Every count in the index is kept per column; a scope is a set of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.contracts import DEVICE_VALUES, DeviceFacts, DeviceValue, Int64s
from weakspot.fleet.paging import PagedArray

NOT_COUNTED = 0
MAX_GROUPS = 10_000


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

    def all_devices(self) -> BitMap:
        """Every known device, counted or not."""
        return BitMap.union(*self.members)

    def value_of(self, device_id: int) -> DeviceValue | None:
        """A device's value; None when the device is not known."""
        for value, devices in zip(DEVICE_VALUES, self.values, strict=True):
            if device_id in devices:
                return value
        return None

    def changed(self, facts: Sequence[DeviceFacts]) -> tuple[Population, dict[int, tuple[int, int]]]:
        """The population with these facts, and device id -> (column before, column now) of the devices that moved."""
        latest = {fact.device_id: fact for fact in facts}
        group_ids = list(self.group_ids)
        column_of_group = {group: column for column, group in enumerate(group_ids, 1)}
        moves: dict[int, tuple[int, int]] = {}
        joins: dict[int, list[int]] = {}
        leaves: dict[int, list[int]] = {}
        by_value: dict[DeviceValue, list[int]] = {value: [] for value in DEVICE_VALUES}
        for device_id in sorted(latest):
            fact = latest[device_id]
            now = NOT_COUNTED
            if fact.is_counted:
                now = column_of_group.setdefault(fact.group_id, len(group_ids) + 1)
                if now > len(group_ids):
                    group_ids.append(fact.group_id)
            before = int(self.column_of.one(device_id))
            if before != now:
                moves[device_id] = (before, now)
            leaves.setdefault(before, []).append(device_id)
            joins.setdefault(now, []).append(device_id)
            by_value[fact.device_value].append(device_id)
        if len(group_ids) > MAX_GROUPS:
            raise ValueError(f"more than {MAX_GROUPS} device groups")
        members = [*self.members, *(BitMap() for _ in range(len(group_ids) + 1 - self.width))]
        for column in leaves.keys() | joins.keys():
            members[column] = (members[column] - BitMap(leaves.get(column, ()))) | BitMap(joins.get(column, ()))
        return (
            Population(
                _moved(self.column_of, moves),
                tuple(group_ids),
                tuple(members),
                tuple(_revalued(self.values, latest, by_value)),
            ),
            moves,
        )


def _moved(column_of: PagedArray, moves: dict[int, tuple[int, int]]) -> PagedArray:
    if not moves:
        return column_of
    editor = column_of.edit()
    devices: Int64s = np.fromiter(moves, np.int64, len(moves))
    columns = np.fromiter((now for _, now in moves.values()), np.uint16, len(moves))
    editor.put(devices, columns)
    return editor.freeze()


def _revalued(
    values: tuple[BitMap, ...], latest: dict[int, DeviceFacts], by_value: dict[DeviceValue, list[int]]
) -> list[BitMap]:
    named = BitMap(list(latest))
    return [(devices - named) | BitMap(by_value[value]) for value, devices in zip(DEVICE_VALUES, values, strict=True)]
