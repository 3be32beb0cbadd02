"""What is left of hazards and counts where exceptions cover findings: exact, from the index alone.

A finding (a vulnerability on a device) is excepted when every software version that carries it there is covered on that
device. What another product on the same device carries too, and nobody excepted, stays.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.scoring.covering import Cover, TakenOut
from weakspot.scoring.impact import Ids, by_value, ids_of, raises_among, score_sums
from weakspot.scoring.rules.scores import Int64s, ScoreSums, mean_score, survivals

COMPARED = 2_000
"""Devices that a check works out one by one."""


class Excepted:
    """What some covers take out of a view. Made once a view; safe to share.

    before: what was taken out of another view, so that what is the same as there need not be made again.
    """

    def __init__(self, view: FleetView, covers: Sequence[Cover], before: TakenOut | None = None) -> None:
        # A view keeps what is made for it (``FleetView.memo``), this too. Held back strongly, the two would be a cycle,
        # and with every report a view would stay until the collector comes by. The copy is for who keeps this alone.
        self._shared, self._copy = weakref.ref(view), view.successor()
        self.taken_out = TakenOut(view, covers, before)
        """Who makes this of the next view gives it that."""
        self._covers = self.taken_out.covers
        self.devices = self.taken_out.devices
        """Vulnerability -> devices on which it is excepted, counted or not; only where there are any. Do not change."""
        self.vulnerabilities = BitMap(list(self.devices))
        """Those of ``devices``. Do not change."""
        raised = (
            (some, extra)
            for one, detected, extra in raises_among(view, self.vulnerabilities)
            if (some := self.devices[one] & detected)
        )
        self._parts = [*self.taken_out.parts, *raised]
        """Sets of devices with a hazard that all of them lose; what a device loses is the sum over its sets."""
        self._removed: Int64s | None = None
        self._numbered: list[tuple[BitMap, int]] | None = None
        self._sums: dict[frozenset[int] | None, ScoreSums] = {}

    @property
    def _view(self) -> FleetView:
        return self._shared() or self._copy

    def __bool__(self) -> bool:
        return bool(self.devices)

    def devices_of(self, vulnerability_id: int) -> BitMap:
        """Devices on which a vulnerability is excepted; the caller's own."""
        return BitMap(self.devices.get(vulnerability_id, ()))

    def removed(self) -> Int64s:
        """Hazard that is excepted on every device, by device id below the view's extent. Do not change."""
        if self._removed is None:
            removed = np.zeros(self._view.device_extent, np.int64)
            for devices, hazard in self._parts:
                ids = ids_of(devices)
                if len(ids) and ids[-1] >= len(removed):
                    ids = ids[ids < len(removed)]
                removed[ids] += hazard
            self._removed = removed
        return self._removed

    def hazards(self, device_ids: Ids | Int64s) -> Int64s:
        """What is left of the hazards of some devices, in the order asked: the active ones. The caller's own."""
        kept: Int64s = self._view.sums.take(device_ids).astype(np.int64, copy=True)
        if self._parts:
            known = device_ids < len(self.removed())
            kept[known] -= self.removed()[device_ids[known]]
        return kept

    def covering(self, more: Cover) -> Excepted:
        """The same with one cover more."""
        return Excepted(self._view, [*self._covers, more])

    def score_sums(self, scope: Scope) -> ScoreSums:
        """As ``impact.score_sums``, without what is excepted."""

        def make() -> ScoreSums:
            ids, _, _ = self._view.device_hazards(None, scope)
            return ScoreSums(*by_value(self._view, ids, np.ones(len(ids), np.int64), survivals(self.hazards(ids))))

        sums = self._sums.get(scope.group_ids)
        if sums is None:
            sums = self._sums[scope.group_ids] = make()
        return sums

    def score(self, scope: Scope) -> float | None:
        """Exposure score 0-100 of the scope without what is excepted; None without devices."""
        return mean_score(self.score_sums(scope))

    def score_covering(self, more: Cover, scope: Scope) -> float | None:
        """As ``covering(more).score(scope)``, worked out on those devices alone that have something of the cover."""
        view = self._view
        versions = [one for one in more.versions if view.weaknesses[one].intersect(more.vulnerabilities)]
        ids = ids_of(view.devices_of_versions(versions, scope) & more.devices)
        moved = survivals(self.covering(more).hazards(ids)) - survivals(self.hazards(ids))
        sums = self.score_sums(scope) if self else score_sums(view, scope)
        return mean_score(sums + ScoreSums(survivals=by_value(view, ids, moved)[0]))

    def counts(self, scope: Scope) -> dict[int, int]:
        """Vulnerability -> number of counted devices in scope on which it is excepted, where there are any."""
        within = self._view.population.devices(scope)
        sizes: dict[int, int] = {}
        found: dict[int, int] = {}
        for vulnerability, devices in self.devices.items():
            size = sizes.get(id(devices))
            if size is None:
                size = sizes[id(devices)] = devices.intersection_cardinality(within)
            if size:
                found[vulnerability] = size
        return found

    def number_on(self, device_id: int) -> int:
        """How many vulnerabilities are excepted on one device."""
        return sum(number for devices, number in self._alike() if device_id in devices)

    def numbers(self, device_ids: Ids | Int64s) -> Int64s:
        """How many vulnerabilities are excepted on each of some devices, in the order asked."""
        found = np.zeros(max(int(device_ids.max(initial=0)) + 1, self._view.device_extent), np.int64)
        for devices, number in self._alike():
            ids = ids_of(devices)
            found[ids[ids < len(found)]] += number
        return found[device_ids]

    def _alike(self) -> list[tuple[BitMap, int]]:
        """Sets of devices with the number of vulnerabilities that are excepted on just these."""
        if self._numbered is None:
            sizes = Counter(map(id, self.devices.values()))
            sets = {id(one): one for one in self.devices.values()}
            self._numbered = [(sets[key], number) for key, number in sizes.items()]
        return self._numbered

    def differences(self, devices: BitMap, limit: int = 20) -> list[str]:
        """Devices whose active hazard is not the sum over their own findings, worked out one by one. For checks.

        Of more than 2,000 devices under exceptions, an even part.
        """
        found: list[str] = []
        reached = BitMap.union(BitMap(), *(one.devices for one in self._covers)) & devices
        reached = BitMap(reached.to_array()[:: max(1, -(-len(reached) // COMPARED))])
        versions: dict[int, set[int]] = {}
        for version in {one for cover in self._covers for one in self._carrying(cover.vulnerabilities)}:
            for device in self._view.installed[version] & reached:
                versions.setdefault(device, set()).add(version)
        for device, here in sorted(versions.items()):
            gone = sum(self._hazard_at(device, one) for one in self._excepted_on(device, here))
            kept = int(self.hazards(np.array([device], np.int64))[0])
            if kept != int(self._view.sums.one(device)) - gone and len(found) < limit:
                found.append(f"active hazard of device {device}")
        return found

    def _excepted_on(self, device: int, versions: set[int]) -> Iterable[int]:
        mine = [one for one in self._covers if device in one.devices]
        for vulnerability in BitMap.union(BitMap(), *(one.vulnerabilities for one in mine)):
            carriers = versions.intersection(self._view.carriers[vulnerability])
            if carriers and all(any(one.is_over(version, vulnerability) for one in mine) for version in carriers):
                yield vulnerability

    def _carrying(self, vulnerabilities: BitMap) -> Iterable[int]:
        for one in vulnerabilities:
            yield from self._view.carriers[one]

    def _hazard_at(self, device: int, vulnerability: int) -> int:
        raised = device in self._view.detected.get(vulnerability, ())
        return self._view.vulnerability_hazard(vulnerability) + (self._view.raised_by(vulnerability) if raised else 0)
