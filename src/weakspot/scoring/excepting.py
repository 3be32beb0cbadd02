"""What is left of hazards and counts where exceptions cover findings: exact, from the index alone.

A finding (a vulnerability on a device) is excepted when every software version that carries it there is covered on that
device. What another product on the same device carries too, and nobody excepted, stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.scoring.impact import Ids, by_value, ids_of, raises_among
from weakspot.scoring.rules.scores import Int64s, ScoreSums, mean_score, survivals

COMPARED = 2_000
"""Devices that a check works out one by one."""


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """What one exception covers: vulnerabilities, as far as these versions carry them, on these devices.

    uncovered: vulnerability -> versions of ``versions`` that keep it uncovered (what a fix would not take away there).
    """

    versions: frozenset[int]
    vulnerabilities: BitMap
    devices: BitMap
    uncovered: Mapping[int, frozenset[int]] = {}

    def is_over(self, version: int, vulnerability: int) -> bool:
        """Whether it covers a vulnerability as far as a version carries it."""
        is_named = vulnerability in self.vulnerabilities and version in self.versions
        return is_named and version not in self.uncovered.get(vulnerability, ())


class Excepted:
    """What some covers take out of a view. Made once a view; safe to share."""

    def __init__(self, view: FleetView, covers: Sequence[Cover]) -> None:
        self._view = view
        self._covers = tuple(covers)
        self._reaches: dict[tuple[int, ...], BitMap] = {}
        self.devices: dict[int, BitMap] = {}
        """Vulnerability -> devices on which it is excepted, counted or not; only where there are any. Do not change."""
        self._parts: list[tuple[BitMap, int]] = []
        for vulnerabilities, devices in self._classes():
            self.devices.update(dict.fromkeys(vulnerabilities, devices))
            self._parts.append((devices, sum(view.vulnerability_hazard(one) for one in vulnerabilities)))
        self.vulnerabilities = BitMap(list(self.devices))
        """Those of ``devices``. Do not change."""
        self._parts += [
            (some, extra)
            for one, detected, extra in raises_among(view, self.vulnerabilities)
            if (some := self.devices[one] & detected)
        ]
        self._removed: Int64s | None = None
        self._sums: dict[frozenset[int] | None, ScoreSums] = {}

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
                removed[ids[ids < len(removed)]] += hazard
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

    def _classes(self) -> Iterable[tuple[list[int], BitMap]]:
        """Vulnerabilities that are excepted on the same devices, because the same covers cover the same versions."""
        alike: defaultdict[tuple[tuple[int, ...], tuple[int, ...], tuple[frozenset[int], ...]], list[int]]
        alike = defaultdict(list)
        for vulnerability in BitMap.union(BitMap(), *(one.vulnerabilities for one in self._covers)):
            covering = tuple(n for n, one in enumerate(self._covers) if vulnerability in one.vulnerabilities)
            left = tuple(self._covers[n].uncovered.get(vulnerability, frozenset()) for n in covering)
            alike[self._view.carriers[vulnerability], covering, left].append(vulnerability)
        for (carriers, covering, left), some in alike.items():
            devices = self._excepted(carriers, covering, left)
            if devices:
                yield some, devices

    def _excepted(
        self, carriers: tuple[int, ...], covering: tuple[int, ...], left: tuple[frozenset[int], ...]
    ) -> BitMap:
        """Devices that carry it in covered versions alone."""
        by_covers = self._by_covers(carriers, covering, left)
        if len(by_covers) == 1:
            ((covers, versions),) = by_covers.items()
            return self._having(versions) & self._reached(covers)
        touched, open_ = BitMap(), BitMap()
        for covers, versions in by_covers.items():
            devices, reached = self._having(versions), self._reached(covers)
            touched |= devices & reached
            open_ |= devices - reached
        return touched - open_

    def _by_covers(
        self, carriers: tuple[int, ...], covering: tuple[int, ...], left: tuple[frozenset[int], ...]
    ) -> Mapping[tuple[int, ...], Sequence[int]]:
        """Versions by the covers that they are under."""
        if len(covering) == 1 and not left[0] and self._covers[covering[0]].versions.issuperset(carriers):
            return {covering: carriers}
        found: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for version in carriers:
            mine = tuple(
                n for n, out in zip(covering, left, strict=True)
                if version in self._covers[n].versions and version not in out
            )  # fmt: skip
            found[mine].append(version)
        return found

    def _having(self, versions: Sequence[int]) -> BitMap:
        return self._view.installed[versions[0]] if len(versions) == 1 else self._view.carrying(versions)

    def _reached(self, covers: tuple[int, ...]) -> BitMap:
        if len(covers) == 1:
            return self._covers[covers[0]].devices
        if covers not in self._reaches:
            self._reaches[covers] = BitMap.union(BitMap(), *(self._covers[n].devices for n in covers))
        return self._reaches[covers]
