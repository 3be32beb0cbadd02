"""Many devices move between columns at once: counts follow by whole columns and by sets, never device by device.

Where every device of a column goes to the same other column (a group is deleted, everything is excluded), its counts
are added to that one's. For the rest, one pass over the distinct sets of software versions counts those that move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.fleet.contracts import Ids
from weakspot.fleet.counting import Pause
from weakspot.fleet.paging import Array, PagedArray, PagedList
from weakspot.fleet.population import Move
from weakspot.fleet.view import EMPTY, FleetView, to_ids

Row = tuple[int, tuple[int, ...]]
"""A row of a table of counts, and the software versions whose devices it counts."""

DEVICES_AT_ONCE = 100_000
CELLS_AT_ONCE = 100_000
"""So much is counted between two pauses: about a millisecond."""


class Carried(msgspec.Struct, frozen=True):
    """What is installed where and what it carries, at the moment of the move."""

    installed: PagedList[BitMap]
    carriers: PagedList[tuple[int, ...]]
    versions: PagedList[tuple[int, ...]]
    weaknesses: PagedList[BitMap]

    def weak(self, versions: Sequence[int]) -> tuple[int, ...]:
        """Those of some versions that have a vulnerability."""
        return tuple(version for version in versions if self.weaknesses[version] is not EMPTY)


def shift(view: FleetView, carried: Carried, moves: Sequence[Move], pause: Pause) -> None:
    """Bring the view's counts in line with ``moves``, which its population has made already and its counts have not."""
    sources = [move.before for move in moves]
    whole = [(move.before, move.now) for move in moves if sources.count(move.before) == 1 and _is_left(view, move)]
    parts = [move for move in moves if (move.before, move.now) not in whole]
    counter = _Counter(carried.installed, parts, view.exposed_rows.width or 1) if parts else None
    slots = ((int(view.slots.one(one)), versions) for one, versions in carried.carriers.items())
    view.exposed_rows = _shifted(view.exposed_rows, whole, counter, slots, pause)
    view.software_installed_rows = _shifted(
        view.software_installed_rows, whole, counter, carried.versions.items(), pause
    )
    weak = ((software_id, carried.weak(versions)) for software_id, versions in carried.versions.items())
    view.software_exposed_rows = _shifted(view.software_exposed_rows, whole, counter, weak, pause)


def _is_left(view: FleetView, move: Move) -> bool:
    """Whether nobody is in the column that the devices left. Column 0 also counts devices that are not known yet."""
    return move.before != 0 and not view.population.members[move.before]


class _Counter:
    """Counts by column those of the moving devices that carry something; alike sets are counted once."""

    def __init__(self, installed: PagedList[BitMap], moves: Sequence[Move], width: int) -> None:
        self._installed = installed
        self._every = BitMap.union(BitMap(), *(move.devices for move in moves))
        # Narrow, so that looking up a hundred thousand devices stays within the processor's cache.
        self._move_of = np.zeros(self._every.max() + 1, np.uint16)
        self._steps = np.zeros((len(moves), width), np.int64)
        for number, move in enumerate(moves):
            self._move_of[to_ids(move.devices)] = number
            self._steps[number, [move.before, move.now]] = -1, 1
        self._known: dict[tuple[int, ...], Array | None] = {}

    def changes(self, rows: Iterable[Row], pause: Pause) -> Iterator[tuple[int, Array]]:
        """(row, what comes to each of its columns by the moves) where anything moves."""
        asked = list(rows)
        self._learn((versions for _, versions in asked), pause)
        for row, versions in asked:
            change = self._known[versions]
            if change is not None:
                yield row, change

    def _learn(self, sets: Iterable[tuple[int, ...]], pause: Pause) -> None:
        """Count the sets that are not known, many at a time: for most of them there is little to count."""
        waiting: list[tuple[int, ...]] = []
        parts: list[Ids] = []
        size, most = 0, max(1, CELLS_AT_ONCE // len(self._steps))
        for versions in sets:
            if versions in self._known:
                continue
            devices = to_ids(self._having(versions) & self._every)
            self._known[versions] = None
            if len(devices):
                waiting.append(versions)
                parts.append(devices)
                size += len(devices)
            if size >= DEVICES_AT_ONCE or len(waiting) >= most:
                self._count(waiting, parts)
                waiting, parts, size = [], [], 0
            pause()
        if waiting:
            self._count(waiting, parts)

    def _having(self, versions: tuple[int, ...]) -> BitMap:
        found = self._installed.many(versions)
        return found[0] if len(found) == 1 else BitMap.union(EMPTY, *found)

    def _count(self, sets: Sequence[tuple[int, ...]], devices: Sequence[Ids]) -> None:
        moves = len(self._steps)
        first = np.repeat(np.arange(len(sets)) * moves, [len(some) for some in devices])
        counts = np.bincount(first + self._move_of[np.concatenate(devices)], minlength=len(sets) * moves)
        changes: Array = counts.reshape(len(sets), moves) @ self._steps
        self._known.update(zip(sets, changes, strict=True))


def _shifted(
    table: PagedArray,
    whole: Sequence[tuple[int, int]],
    counter: _Counter | None,
    rows: Iterable[Row],
    pause: Pause,
) -> PagedArray:
    counts = table.whole().copy()
    for before, now in whole:
        moved = table.whole()[:, before]
        counts[:, now] += moved
        counts[:, before] -= moved
    if counter is not None:
        changed = list(counter.changes(rows, pause))
        if changed:
            counts[[row for row, _ in changed]] += np.stack([change for _, change in changed])
    return PagedArray.of(counts)
