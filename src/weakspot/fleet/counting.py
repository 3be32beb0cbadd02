"""Counts per (thing, column) and sums per device: moved by patches, or made anew in one pass over the bitmaps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from pyroaring import BitMap

from weakspot.fleet.contracts import Ids, Int64s
from weakspot.fleet.paging import Array, ArrayEditor, PagedArray
from weakspot.fleet.view import EMPTY, FleetView, to_ids

WHOLE_FOLD = 64
"""From this many changed hazards on, the sums are folded in one contiguous array."""

MIN_WIDTH = 8

Pause = Callable[[], None]


def no_pause() -> None:
    """For callers that have the machine to themselves."""


class Ledger:
    """Hazards of vulnerabilities and the sums of devices that belong to them.

    There are two of them while a large change of hazards is folded in slices: the one in force and the coming one.
    ``hazard`` gives one number a vulnerability. Should it come to depend on the software version too (running,
    reachable), a device takes the largest over its versions; ``sum_of`` and ``fold`` are the two places that would
    know.
    """

    def __init__(self, hazard: PagedArray, sums: PagedArray, extras: Mapping[int, int]) -> None:
        self.hazard = hazard
        self.sums: ArrayEditor = sums.edit()
        self.extras = extras
        """Device -> what detections raise its sum by (``fleet.raising``); replaced, never changed."""

    def of(self, vulnerability_id: int) -> int:
        """Hazard of one vulnerability, 0 while it is not known."""
        return max(0, int(self.hazard.one(vulnerability_id)))

    def sum_of(self, vulnerabilities: BitMap) -> int:
        """Sum over distinct vulnerabilities."""
        if not vulnerabilities:
            return 0
        return int(np.maximum(self.hazard.take(to_ids(vulnerabilities)), 0).sum())

    def set(self, ids: Int64s, hazards: Int64s) -> None:
        """Note new hazards (ids ascending), leaving the sums to the caller."""
        editor = self.hazard.edit()
        editor.put(ids, hazards)
        self.hazard = editor.freeze()

    def fold(self, ids: Int64s, hazards: Int64s, exposed: Callable[[int], BitMap], extent: int, pause: Pause) -> None:
        """Note new hazards (ids ascending), move the sums of the devices exposed; ``extent`` bounds their ids."""
        moves = np.maximum(hazards, 0) - np.maximum(self.hazard.take(ids), 0)
        self.set(ids, hazards)
        changed = np.flatnonzero(moves)
        is_large = len(changed) >= WHOLE_FOLD or self.sums.is_contiguous
        whole = self.sums.contiguous(extent) if is_large else None
        for position in changed.tolist():
            devices = to_ids(exposed(int(ids[position])))
            if len(devices) == 0:
                continue
            if whole is None:
                self.sums.add(devices, moves[position])
            else:
                whole[devices] += moves[position]
            pause()


class Patches:
    """Movements of counts, gathered over a batch and written once."""

    def __init__(self) -> None:
        self._exposed = _Cells()
        self._software_installed = _Cells()
        self._software_exposed = _Cells()

    def exposed(self, slots: Array, column: int, amount: int) -> None:
        """``amount`` devices of a column more (or fewer) carry each of these vulnerabilities."""
        self._exposed.add(slots, column, amount)

    def exposed_columns(self, slot: int, counts: Array, sign: int) -> None:
        """Devices per column that begin (or cease) to carry one vulnerability."""
        columns = np.flatnonzero(counts)
        self._exposed.add_cells(np.full(len(columns), slot), columns, sign * counts[columns])

    def software(self, software_ids: Collection[int], column: int, amount: int, *, is_exposed: bool) -> None:
        """``amount`` devices of a column more (or fewer) have (or are exposed by) each of these software."""
        if software_ids:
            ids = np.fromiter(software_ids, np.int64, len(software_ids))
            (self._software_exposed if is_exposed else self._software_installed).add(ids, column, amount)

    def write(self, view: FleetView) -> None:
        """Put the movements into the view's counts; none is left then."""
        view.exposed_rows = self._exposed.write(view.exposed_rows)
        view.software_installed_rows = self._software_installed.write(view.software_installed_rows)
        view.software_exposed_rows = self._software_exposed.write(view.software_exposed_rows)


class _Cells:
    """Amounts to add to cells of one table of counts."""

    def __init__(self) -> None:
        self._runs: list[tuple[Array, int, int]] = []
        """Rows of which one column gets one amount."""
        self._cells: list[tuple[Array, Array, Array]] = []

    def add(self, rows: Array, column: int, amount: int) -> None:
        if len(rows):
            self._runs.append((rows, column, amount))

    def add_cells(self, rows: Array, columns: Array, amounts: Array) -> None:
        if len(rows):
            self._cells.append((rows, columns, amounts))

    def write(self, table: PagedArray) -> PagedArray:
        if self._runs:
            rows, columns, amounts = zip(*self._runs, strict=True)
            lengths = [len(one) for one in rows]
            self.add_cells(np.concatenate(rows), np.repeat(columns, lengths), np.repeat(amounts, lengths))
        if not self._cells:
            return table
        editor = table.edit()
        editor.add_cells(*(np.concatenate(parts) for parts in zip(*self._cells, strict=True)))
        self._runs, self._cells = [], []
        return editor.freeze()


def count_columns(column_of: PagedArray, devices: Ids, width: int) -> Array:
    """Number of devices in each column, ``width`` columns."""
    return np.bincount(column_of.take(devices), minlength=width)


def widen(view: FleetView) -> None:
    """Give every table of counts as many columns as the population has (in powers of two)."""
    width = max(MIN_WIDTH, 1 << (view.population.width - 1).bit_length())
    if width > (view.exposed_rows.width or 0):
        view.exposed_rows = _widened(view.exposed_rows, width)
        view.software_installed_rows = _widened(view.software_installed_rows, width)
        view.software_exposed_rows = _widened(view.software_exposed_rows, width)


def _widened(table: PagedArray, width: int) -> PagedArray:
    old = table.whole()
    wide = np.zeros((len(old), width), old.dtype)
    wide[:, : old.shape[1]] = old
    return PagedArray.of(wide)


def recount_software(view: FleetView, software_ids: Iterable[int]) -> None:
    """Count anew the devices exposed by these software (their versions began or ceased to have vulnerabilities)."""
    ids = sorted(software_ids)
    if not ids:
        return
    width = view.software_exposed_rows.width or MIN_WIDTH
    editor = view.software_exposed_rows.edit()
    for software_id in ids:
        devices = to_ids(view.carrying(view.weak_versions(software_id)))
        editor.set(software_id, count_columns(view.population.column_of, devices, width))
    view.software_exposed_rows = editor.freeze()


def recount(view: FleetView, ledgers: Sequence[Ledger], pause: Pause) -> None:
    """Make all counts and sums of a view from its bitmaps: one union and a few passes for each vulnerability."""
    extent = view.device_extent
    columns = np.zeros(extent, np.intp)
    known = view.population.column_of.whole()[:extent]
    columns[: len(known)] = known
    width = view.exposed_rows.width or MIN_WIDTH
    findings = np.zeros(extent, np.int32)
    sums = [ledger.sums.contiguous(extent) for ledger in ledgers]
    for ledger, whole in zip(ledgers, sums, strict=True):
        whole[:] = 0
        ledger.extras = {}
    exposed = np.zeros((view.slot_count, width), np.int32)
    for vulnerability, versions in view.carriers.items():
        devices = to_ids(view.carrying(versions))
        if len(devices):
            exposed[int(view.slots.one(vulnerability))] = np.bincount(columns[devices], minlength=width)
            findings[devices] += 1
            for ledger, whole in zip(ledgers, sums, strict=True):
                whole[devices] += ledger.of(vulnerability)
            pause()
    view.exposed_rows = PagedArray.of(exposed)
    view.findings = PagedArray.of(findings)
    _recount_all_software(view, columns, width, pause)


def _recount_all_software(view: FleetView, columns: Array, width: int, pause: Pause) -> None:
    last = max((software_id for software_id, _ in view.versions.items()), default=0)
    installed = np.zeros((last + 1, width), np.int32)
    exposed = np.zeros((last + 1, width), np.int32)
    for software_id, versions in view.versions.items():
        devices = view.carrying(versions)
        if not devices:
            continue
        installed[software_id] = np.bincount(columns[to_ids(devices)], minlength=width)
        weak = [version for version in versions if view.weaknesses[version] is not EMPTY]
        if weak:
            carrying = devices if len(weak) == len(versions) else view.carrying(weak)
            exposed[software_id] = np.bincount(columns[to_ids(carrying)], minlength=width)
        pause()
    view.software_installed_rows = PagedArray.of(installed)
    view.software_exposed_rows = PagedArray.of(exposed)
