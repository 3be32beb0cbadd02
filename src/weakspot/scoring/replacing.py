"""What happens to hazards and scores when software versions are replaced by others: exact, step by step.

A vulnerability leaves a device when none of what stays on it and none of what comes has it; it arrives where what comes
has it and nothing there had it before. So the same vulnerability in two products leaves with the second of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.scoring.excepting import Excepted
from weakspot.scoring.impact import Ids, by_value, raises_among, score_sums, totals
from weakspot.scoring.rules.scores import Int64s, ScoreSums, mean_score, score_gain, survivals

_NOTHING = BitMap()

Replacements = Mapping[int, BitMap]
"""Software version that goes -> vulnerabilities of what comes in its place (empty: nothing comes)."""


class Replacing:
    """A fleet in which software versions are replaced one action after another. Nothing is written.

    within: only these of the scope's devices change (None: all of them). hazards: of vulnerabilities that come and that
    the view does not know yet. excepted: findings that count neither before nor after. kept: software version ->
    devices on which it stays although it is replaced elsewhere.
    """

    def __init__(
        self,
        view: FleetView,
        scope: Scope,
        *,
        within: BitMap | None = None,
        hazards: Mapping[int, int] | None = None,
        excepted: Excepted | None = None,
        kept: Mapping[int, BitMap] | None = None,
    ) -> None:
        self._view = view
        self._kept = kept or {}
        self._excepted = excepted.devices if excepted else {}
        self._scope_sums = excepted.score_sums(scope) if excepted else score_sums(view, scope)
        counted = view.population.devices(scope)
        self.within: BitMap = counted if within is None else counted & within
        self._hazards = hazards or {}
        self._gone: set[int] = set()
        self._devices: dict[int, BitMap] = {}
        """Devices of the versions met so far, of those within."""
        self._arrived: defaultdict[int, list[int]] = defaultdict(list)
        self._active = excepted or None
        self.gained = (0, 0, 0)
        """Survivals (2**-40) won so far, per device value."""

    @cached_property
    def sums(self) -> Int64s:
        """Hazard of every device, as it is after what was applied."""
        return self._before(np.arange(self._view.device_extent, dtype=np.int64))

    def change(self, coming: Replacements) -> tuple[Ids, Int64s]:
        """(device ids ascending, change of their hazards) that these replacements would bring now."""
        return totals(self._parts({version: some for version, some in coming.items() if version not in self._gone}))

    def gain(self, devices: Ids, changed: Int64s) -> float:
        """Points by which the scope's score falls with that change of hazards; negative when it rises."""
        return score_gain(self._scope_sums, self._survivals(devices, changed))

    @property
    def sums_before(self) -> ScoreSums:
        """Devices and survivals of the scope before anything was applied; of parts of a fleet they add up, as
        ``gained`` does.
        """
        return self._scope_sums

    def apply(self, coming: Replacements) -> tuple[Ids, Int64s]:
        """Carry the replacements out; returns what changed."""
        devices, changed = self.change(coming)
        won = self._survivals(devices, changed)
        self.gained = (self.gained[0] + won[0], self.gained[1] + won[1], self.gained[2] + won[2])
        self.sums[devices] += changed
        for version, some in coming.items():
            if version not in self._gone:
                self._gone.add(version)
                for vulnerability in some:
                    self._arrived[vulnerability].append(version)
        return devices, changed

    @property
    def score_before(self) -> float | None:
        """The scope's score before anything was applied; None without devices."""
        return mean_score(self._scope_sums)

    @property
    def total_gain(self) -> float:
        """Points won by all that was applied."""
        return score_gain(self._scope_sums, self.gained)

    def _survivals(self, devices: Ids, changed: Int64s) -> tuple[int, int, int]:
        before = self.sums[devices] if self._gone else self._before(devices)
        return by_value(self._view, devices, survivals(before + changed) - survivals(before))[0]

    def _before(self, devices: Ids | Int64s) -> Int64s:
        """Hazards of some devices before anything was applied; the caller's own."""
        if self._active is not None:
            return self._active.hazards(devices)
        return self._view.sums.take(devices).astype(np.int64, copy=True)

    def _parts(self, coming: Replacements) -> list[tuple[BitMap, int]]:
        """Sets of devices with the change of hazard that all of them get."""
        view = self._view
        arriving: defaultdict[int, list[int]] = defaultdict(list)
        for version, some in coming.items():
            for vulnerability in some:
                arriving[vulnerability].append(version)
        alike: defaultdict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], int], int] = defaultdict(int)
        ignored: dict[int, BitMap] = {}
        touched = view.vulnerabilities_of_versions(coming) | BitMap(arriving)
        for vulnerability in touched:
            come = arriving.get(vulnerability, ())
            there = self._arrived.get(vulnerability, ())
            out = self._excepted.get(vulnerability, _NOTHING)
            ignored[id(out)] = out
            alike[view.carriers[vulnerability], tuple(there), tuple(come), id(out)] += self._hazard(vulnerability)
        parts = []
        for (carriers, there_before, come_now, out_id), hazard in alike.items():
            if hazard:
                moved = self._moved(coming, carriers, there_before, come_now, hazard)
                parts += [(rest, size) for some, size in moved if (rest := some - ignored[out_id])]
        for vulnerability, detected, extra in raises_among(view, touched):
            come, there = arriving.get(vulnerability, ()), self._arrived.get(vulnerability, ())
            out = self._excepted.get(vulnerability, _NOTHING)
            moved = self._moved(coming, view.carriers[vulnerability], there, come, extra)
            parts += [(rest, size) for some, size in moved if (rest := (some & detected) - out)]
        return parts

    def _moved(
        self, coming: Replacements, carriers: Iterable[int], arrived: Iterable[int], arriving: Iterable[int], size: int
    ) -> list[tuple[BitMap, int]]:
        """Devices that vulnerabilities with the same carriers leave, and those at which they arrive."""
        present = [one for one in carriers if one not in self._gone]
        leaving = [one for one in present if one in coming]
        if set(leaving) == set(arriving):  # what comes has it as well
            return []
        going, come = self._replaced(leaving), self._replaced(arriving)
        if not going and not come:
            return []
        staying = self._carrying(one for one in present if one not in coming) | self._replaced(arrived)
        if self._kept:
            staying |= BitMap.union(BitMap(), *self._kept_of(carriers)) & self.within
        left, came = going - staying - come, come - staying - going
        return [(some, hazard) for some, hazard in ((left, -size), (came, size)) if some]

    def _carrying(self, versions: Iterable[int]) -> BitMap:
        found = []
        for version in versions:
            devices = self._devices.get(version)
            if devices is None:
                devices = self._devices[version] = self._view.installed[version] & self.within
            if devices:
                found.append(devices)
        return BitMap.union(BitMap(), *found)

    def _replaced(self, versions: Iterable[int]) -> BitMap:
        """Devices from which these versions go, or went."""
        if not self._kept:
            return self._carrying(versions)
        return BitMap.union(BitMap(), *(self._carrying([one]) - self._kept.get(one, _NOTHING) for one in versions))

    def _kept_of(self, versions: Iterable[int]) -> Iterable[BitMap]:
        for one in versions:
            if one in self._kept:
                yield self._view.installed[one] & self._kept[one]

    def _hazard(self, vulnerability_id: int) -> int:
        known = self._view.vulnerability_hazard(vulnerability_id)
        return known if self._view.carriers[vulnerability_id] else self._hazards.get(vulnerability_id, known)


def replacement_impact(
    view: FleetView,
    scope: Scope,
    coming: Replacements,
    *,
    hazards: Mapping[int, int] | None = None,
    excluded: BitMap | None = None,
    excepted: Excepted | None = None,
) -> float:
    """Points by which the scope's score falls when these versions are replaced. Exact; negative when it would rise.

    excluded: devices on which nothing is replaced (those under an exception). excepted: findings that do not count.
    """
    within = None if excluded is None else view.scope_bitmap(scope) - excluded
    replacing = Replacing(view, scope, within=within, hazards=hazards, excepted=excepted)
    return replacing.gain(*replacing.change(coming))
