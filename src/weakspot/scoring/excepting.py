"""What is left of hazards and counts where exceptions cover findings: exact, from the index alone.

A finding (a vulnerability on a device) is excepted when every software version that carries it there is covered on that
device. What another product on the same device carries too, and nobody excepted, stays.
"""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.scoring.impact import Ids, by_value, ids_of, raises_among
from weakspot.scoring.rules.scores import Int64s, ScoreSums, mean_score, survivals

COMPARED = 2_000
"""Devices that a check works out one by one."""


_NONE: frozenset[int] = frozenset()


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


class _Nested(msgspec.Struct):
    """Versions with the devices that they are excepted on; ``new``: those that no set before it has; hazard: of this
    set and of those that go on from it.
    """

    versions: list[int]
    devices: BitMap
    new: BitMap
    hazard: int


class Excepted:
    """What some covers take out of a view. Made once a view; safe to share."""

    def __init__(self, view: FleetView, covers: Sequence[Cover]) -> None:
        # A view keeps what is made for it (``FleetView.memo``), this too. Held back strongly, the two would be a cycle,
        # and with every report a view would stay until the collector comes by. The copy is for who keeps this alone.
        self._shared, self._copy = weakref.ref(view), view.successor()
        self._covers = tuple(covers)
        self._reaches: dict[tuple[int, ...], BitMap] = {}
        self._under: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
        """Version and some covers -> those of them that name it."""
        self.devices: dict[int, BitMap] = {}
        """Vulnerability -> devices on which it is excepted, counted or not; only where there are any. Do not change."""
        self._parts: list[tuple[BitMap, int]] = []
        """Sets of devices with a hazard that all of them lose; what a device loses is the sum over its sets."""
        self._take_out()
        self.vulnerabilities = BitMap(list(self.devices))
        """Those of ``devices``. Do not change."""
        self._parts += [
            (some, extra)
            for one, detected, extra in raises_among(view, self.vulnerabilities)
            if (some := self.devices[one] & detected)
        ]
        self._removed: Int64s | None = None
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

    def _take_out(self) -> None:
        """Fill ``devices`` and ``_parts``, vulnerabilities that the same covers take off the same versions together."""
        every = BitMap.union(BitMap(), *(one.vulnerabilities for one in self._covers))
        self._hazards = dict(zip(every, self._view.hazards_of(ids_of(every)).tolist(), strict=True))
        together: defaultdict[tuple[int, ...], dict[tuple[int, ...], list[int]]] = defaultdict(dict)
        for vulnerabilities, by_covers in self._classes():
            if len(by_covers) == 1:
                ((covers, versions),) = by_covers.items()
                if covers:
                    together[covers].setdefault(tuple(versions), []).extend(vulnerabilities)
            elif devices := self._covered_alone(by_covers):
                self._parts.append((devices, self._take(vulnerabilities, devices)))
        for covers, classes in together.items():
            self._take_nested(classes, self._reached(covers))

    def _take(self, vulnerabilities: Iterable[int], devices: BitMap) -> int:
        """Except these on some devices; returns their hazard."""
        if devices:
            self.devices.update(dict.fromkeys(vulnerabilities, devices))
        return sum(self._hazards[one] for one in vulnerabilities)

    def _take_nested(self, classes: Mapping[tuple[int, ...], list[int]], reach: BitMap) -> None:
        """The same for sets of versions of which many begin as another one does (fixed in 2, fixed in 3, ...): each is
        made of that one and what it has more; and a device that is new in one stands once for all that go on from it.
        """
        uses = Counter(chain.from_iterable(classes))
        often = {version: place for place, (version, _) in enumerate(uses.most_common())}
        ordered = sorted((sorted(some, key=often.__getitem__), some) for some in classes)
        is_everywhere = self._having(list(uses)).issubset(reach)
        above: list[_Nested] = []
        for versions, key in ordered:
            while above and versions[: len(above[-1].versions)] != above[-1].versions:
                self._close(above)
            last = above[-1] if above else None
            new = self._having(versions if last is None else versions[len(last.versions) :])
            if not is_everywhere:
                new = new & reach
            if last is None:
                devices = new
            else:
                new = new - last.devices
                devices = last.devices | new if new else last.devices
            above.append(_Nested(versions, devices, new, self._take(classes[key], devices)))
        while above:
            self._close(above)

    def _close(self, above: list[_Nested]) -> None:
        last = above.pop()
        if last.new:
            self._parts.append((last.new, last.hazard))
        if above:
            above[-1].hazard += last.hazard

    def _classes(self) -> Iterable[tuple[list[int], Mapping[tuple[int, ...], Sequence[int]]]]:
        """Vulnerabilities of which the same covers cover the same versions; those versions by their covers."""
        alike: defaultdict[tuple[tuple[int, ...], tuple[int, ...], tuple[frozenset[int], ...]], list[int]]
        alike = defaultdict(list)
        covering: defaultdict[int, list[int]] = defaultdict(list)
        for number, cover in enumerate(self._covers):
            for vulnerability in cover.vulnerabilities:
                covering[vulnerability].append(number)
        for vulnerability, numbers in sorted(covering.items()):
            left = tuple(self._covers[n].uncovered.get(vulnerability, _NONE) for n in numbers)
            alike[self._view.carriers[vulnerability], tuple(numbers), left].append(vulnerability)
        for (carriers, numbered, left), some in alike.items():
            yield some, self._by_covers(carriers, numbered, left)

    def _covered_alone(self, by_covers: Mapping[tuple[int, ...], Sequence[int]]) -> BitMap:
        """Devices that carry it in covered versions alone."""
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
            mine = self._under.get((version, covering))
            if mine is None:
                mine = tuple(n for n in covering if version in self._covers[n].versions)
                self._under[version, covering] = mine
            if any(left):
                out = {n for n, some in zip(covering, left, strict=True) if version in some}
                mine = tuple(n for n in mine if n not in out)
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
