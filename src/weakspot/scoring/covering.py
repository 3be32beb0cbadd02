"""Which findings some covers take out of a view, as sets of devices; made anew only as far as something is otherwise.

Vulnerabilities of which the same covers cover the same versions are taken out together, in one step. A step hangs on
the devices of its versions alone, and from one report to the next those of nearly all steps are the very same bitmaps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.fleet import FleetView
from weakspot.scoring.impact import ids_of

_NONE: frozenset[int] = frozenset()

ByCovers = Mapping[tuple[int, ...], Sequence[int]]
"""Numbers of some covers -> versions that they cover; no number: versions that are not covered."""


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


class _Step(msgspec.Struct, frozen=True):
    """Vulnerabilities that are taken out together.

    classes: versions -> vulnerabilities that these and no others carry, all of them under the same covers, ``covers``.
    mixed: the same for ``classes``' only key where its versions are not all under the same covers.
    """

    versions: frozenset[int]
    covers: tuple[int, ...]
    classes: Mapping[tuple[int, ...], Sequence[int]]
    mixed: ByCovers | None = None


class _Out(msgspec.Struct):
    """What one step takes out: devices by vulnerability, and sets of devices with a hazard that all of them lose."""

    devices: dict[int, BitMap]
    parts: list[tuple[BitMap, int]]


class _Nested(msgspec.Struct):
    """Versions with the devices that they are excepted on; ``new``: those that no set before it has; hazard: of this
    set and of those that go on from it.
    """

    versions: list[int]
    devices: BitMap
    new: BitMap
    hazard: int


class TakenOut:
    """What some covers take out of a view, with what it was made of; holds bitmaps of that view, and not the view.

    before: what was made of an earlier or later view; what is the same as there is taken over. Never changed.
    """

    def __init__(self, view: FleetView, covers: Sequence[Cover], before: TakenOut | None = None) -> None:
        self.covers = tuple(covers)
        every = BitMap.union(BitMap(), *(one.vulnerabilities for one in self.covers))
        self._carriers = [view.carriers[one] for one in every]
        self._hazard_of = view.hazards_of(ids_of(every))
        known = before if before is not None and before._has_plan_of(self) else None
        self._steps: Sequence[_Step] = list(_planned(self.covers, view)) if known is None else known._steps
        self._versions: Sequence[int] = _versions_of(self._steps) if known is None else known._versions
        self._installed = [view.installed[one] for one in self._versions]
        moved = None if known is None else known._moved(self._installed)
        self._outs = self._carried_out(view, every, known, moved)
        self.devices: Mapping[int, BitMap] = {}
        """Vulnerability -> devices on which it is excepted, counted or not; only where there are any. Do not change."""
        self.parts: Sequence[tuple[BitMap, int]] = ()
        """Sets of devices with a hazard that all of them lose, detections left aside. Do not change."""
        if known is not None and not moved:
            self.devices, self.parts = known.devices, known.parts
        else:
            self.devices = {one: some for out in self._outs for one, some in out.devices.items()}
            self.parts = [part for out in self._outs for part in out.parts]

    def _carried_out(
        self, view: FleetView, every: BitMap, known: TakenOut | None, moved: Set[int] | None
    ) -> Sequence[_Out]:
        if known is not None and not moved:
            return known._outs
        make = _Making(view, self.covers, dict(zip(every, self._hazard_of.tolist(), strict=True)))
        if known is None or moved is None:
            return [make.out(step) for step in self._steps]
        steps = zip(self._steps, known._outs, strict=True)
        return [out if step.versions.isdisjoint(moved) else make.out(step) for step, out in steps]

    def _has_plan_of(self, other: TakenOut) -> bool:
        return (
            len(self._carriers) == len(other._carriers)
            and all(mine is its for mine, its in zip(self._carriers, other._carriers, strict=True))
            and bool(np.array_equal(self._hazard_of, other._hazard_of))
            and self.covers == other.covers
        )

    def _moved(self, installed: Sequence[BitMap]) -> set[int]:
        """Versions that other devices have by now."""
        pairs = zip(self._versions, self._installed, installed, strict=True)
        return {one for one, before, now in pairs if before is not now}


def _versions_of(steps: Iterable[_Step]) -> list[int]:
    return sorted(_NONE.union(*(step.versions for step in steps)))


def _planned(covers: Sequence[Cover], view: FleetView) -> Iterator[_Step]:
    together: defaultdict[tuple[int, ...], dict[tuple[int, ...], list[int]]] = defaultdict(dict)
    for vulnerabilities, by_covers in _classes(covers, view):
        if len(by_covers) > 1:
            versions = tuple(chain.from_iterable(by_covers.values()))
            yield _Step(frozenset(versions), (), {versions: vulnerabilities}, by_covers)
            continue
        ((numbers, some),) = by_covers.items()
        if numbers:
            together[numbers].setdefault(tuple(some), []).extend(vulnerabilities)
    for numbers, classes in together.items():
        yield _Step(frozenset(chain.from_iterable(classes)), numbers, classes)


def _classes(covers: Sequence[Cover], view: FleetView) -> Iterable[tuple[list[int], ByCovers]]:
    """Vulnerabilities of which the same covers cover the same versions; those versions by their covers."""
    alike: defaultdict[tuple[tuple[int, ...], tuple[int, ...], tuple[frozenset[int], ...]], list[int]]
    alike = defaultdict(list)
    covering: defaultdict[int, list[int]] = defaultdict(list)
    for number, cover in enumerate(covers):
        for vulnerability in cover.vulnerabilities:
            covering[vulnerability].append(number)
    for vulnerability, numbers in sorted(covering.items()):
        left = tuple(covers[n].uncovered.get(vulnerability, _NONE) for n in numbers)
        if carriers := view.carriers[vulnerability]:
            alike[carriers, tuple(numbers), left].append(vulnerability)
    under: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
    for (carriers, numbered, left), some in alike.items():
        yield some, _by_covers(covers, carriers, numbered, left, under)


def _by_covers(
    covers: Sequence[Cover],
    carriers: tuple[int, ...],
    covering: tuple[int, ...],
    left: tuple[frozenset[int], ...],
    under: dict[tuple[int, tuple[int, ...]], tuple[int, ...]],
) -> ByCovers:
    """Versions by the covers that they are under; ``under`` remembers it of version and covers."""
    if len(covering) == 1 and not left[0] and covers[covering[0]].versions.issuperset(carriers):
        return {covering: carriers}
    found: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for version in carriers:
        mine = under.get((version, covering))
        if mine is None:
            mine = under[version, covering] = tuple(n for n in covering if version in covers[n].versions)
        if any(left):
            out = {n for n, some in zip(covering, left, strict=True) if version in some}
            mine = tuple(n for n in mine if n not in out)
        found[mine].append(version)
    return found


class _Making:
    """Steps carried out on one view."""

    def __init__(self, view: FleetView, covers: Sequence[Cover], hazards: Mapping[int, int]) -> None:
        self._view, self._covers, self._hazards = view, covers, hazards
        self._reaches: dict[tuple[int, ...], BitMap] = {}

    def out(self, step: _Step) -> _Out:
        """What a step takes out."""
        made = _Out({}, [])
        if step.mixed is None:
            self._take_nested(made, step.classes, self._reached(step.covers))
        elif devices := self._covered_alone(step.mixed):
            made.parts.append((devices, self._take(made, chain.from_iterable(step.classes.values()), devices)))
        return made

    def _take(self, made: _Out, vulnerabilities: Iterable[int], devices: BitMap) -> int:
        """Except these on some devices; returns their hazard."""
        some = list(vulnerabilities)
        if devices:
            made.devices.update(dict.fromkeys(some, devices))
        return sum(self._hazards[one] for one in some)

    def _take_nested(self, made: _Out, classes: Mapping[tuple[int, ...], Sequence[int]], reach: BitMap) -> None:
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
                self._close(made, above)
            last = above[-1] if above else None
            new = self._having(versions if last is None else versions[len(last.versions) :])
            if not is_everywhere:
                new = new & reach
            if last is None:
                devices = new
            else:
                new = new - last.devices
                devices = last.devices | new if new else last.devices
            above.append(_Nested(versions, devices, new, self._take(made, classes[key], devices)))
        while above:
            self._close(made, above)

    def _close(self, made: _Out, above: list[_Nested]) -> None:
        last = above.pop()
        if last.new:
            made.parts.append((last.new, last.hazard))
        if above:
            above[-1].hazard += last.hazard

    def _covered_alone(self, by_covers: ByCovers) -> BitMap:
        """Devices that carry it in covered versions alone."""
        touched, open_ = BitMap(), BitMap()
        for covers, versions in by_covers.items():
            devices, reached = self._having(versions), self._reached(covers)
            touched |= devices & reached
            open_ |= devices - reached
        return touched - open_

    def _having(self, versions: Sequence[int]) -> BitMap:
        return self._view.installed[versions[0]] if len(versions) == 1 else self._view.carrying(versions)

    def _reached(self, covers: tuple[int, ...]) -> BitMap:
        if len(covers) == 1:
            return self._covers[covers[0]].devices
        if covers not in self._reaches:
            self._reaches[covers] = BitMap.union(BitMap(), *(self._covers[n].devices for n in covers))
        return self._reaches[covers]
