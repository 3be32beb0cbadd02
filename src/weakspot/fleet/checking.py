"""Comparing two views that should say the same, for ``weakspot check`` and the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.contracts import DEVICE_VALUES
from weakspot.fleet.paging import Array
from weakspot.fleet.view import FleetView

EVERYTHING = Scope(None)


def differences(one: FleetView, other: FleetView, *, limit: int = 100) -> list[str]:
    """The first ``limit`` differences in sentences ("... here, ... there"); empty when the two are equal.

    Compared: devices, groups and values; the bitmaps of every setting value, platform, label and software version;
    matches both ways; every count in every group; hazards of present vulnerabilities; every device's sum and number of
    findings. Not compared: ``seq``, and the order in which things were first met.
    """
    return list(
        islice(chain(_population(one, other), _facts(one, other), _counts(one, other), _sums(one, other)), limit)
    )


def _population(one: FleetView, other: FleetView) -> Iterator[str]:
    here, there = one.population, other.population
    if here.all_devices() != there.all_devices():
        yield _said("known devices", len(here.all_devices()), len(there.all_devices()))
    for group in sorted({*here.group_ids, *there.group_ids}):
        scope = Scope(frozenset([group]))
        yield from _bitmaps(f"counted devices of group {group}", here.devices(scope), there.devices(scope))
    for value, ours, theirs in zip(DEVICE_VALUES, here.values, there.values, strict=True):
        yield from _bitmaps(f"devices of value {value}", ours, theirs)
    yield from _items("devices with label", one.labels.items(), other.labels.items(), _bitmaps)
    yield from _items("devices with setting value", one.settings.items(), other.settings.items(), _bitmaps)
    yield from _items("devices of platform", one.platforms.items(), other.platforms.items(), _bitmaps)


def _facts(one: FleetView, other: FleetView) -> Iterator[str]:
    yield from _items("devices of software version", one.installed.items(), other.installed.items(), _bitmaps)
    yield from _items("vulnerabilities of software version", one.weaknesses.items(), other.weaknesses.items(), _bitmaps)
    yield from _items("software versions of vulnerability", one.carriers.items(), other.carriers.items(), _values)
    yield from _items("versions of software", one.versions.items(), other.versions.items(), _values)
    present = np.union1d(one.present(), other.present())
    yield from _arrays("hazard of vulnerability", present, one.hazard.take(present), other.hazard.take(present))


def _counts(one: FleetView, other: FleetView) -> Iterator[str]:
    for group in sorted({*one.population.group_ids, *other.population.group_ids}):
        scope = Scope(frozenset([group]))
        pairs = zip(
            ("vulnerability", "installed software", "exposed by software"),
            ((0, 1), (0, 1), (0, 2)),
            (FleetView.vulnerability_counts, FleetView.software_counts, FleetView.software_counts),
            strict=True,
        )
        for name, (ids, values), ask in pairs:
            here, there = ask(one, scope), ask(other, scope)
            label = f"count in group {group} of {name}"
            known = np.union1d(here[ids], there[ids])
            yield from _arrays(
                label, known, _dense(here[ids], here[values], known), _dense(there[ids], there[values], known)
            )


def _sums(one: FleetView, other: FleetView) -> Iterator[str]:
    devices = np.arange(max(one.device_extent, other.device_extent, 1))
    yield from _arrays("hazard of device", devices, one.sums.take(devices), other.sums.take(devices))
    yield from _items("detected on device", one.detection.of_device.items(), other.detection.of_device.items(), _values)
    yield from _items("raised hazard of", one.detection.hazards.items(), other.detection.hazards.items(), _values)
    yield from _items("raise of device", one.extras.items(), other.extras.items(), _values)
    yield from _arrays("weaknesses of device", devices, one.findings.take(devices), other.findings.take(devices))


def _items(
    label: str,
    ours: Iterable[tuple[Any, Any]],
    theirs: Iterable[tuple[Any, Any]],
    compare: Callable[[str, Any, Any], Iterator[str]],
) -> Iterator[str]:
    here, there = dict(ours), dict(theirs)
    for key in sorted(here.keys() | there.keys()):
        yield from compare(f"{label} {key}", here.get(key, ()), there.get(key, ()))


def _bitmaps(label: str, ours: BitMap | tuple[()], theirs: BitMap | tuple[()]) -> Iterator[str]:
    mine, yours = BitMap(ours), BitMap(theirs)
    if mine != yours:
        only_here, only_there = list(islice(mine - yours, 3)), list(islice(yours - mine, 3))
        yield f"{label}: {len(mine)} here, {len(yours)} there; only here {only_here}, only there {only_there}"


def _values(label: str, ours: Any, theirs: Any) -> Iterator[str]:
    if ours != theirs:
        yield _said(label, ours, theirs)


def _arrays(label: str, ids: Array, ours: Array, theirs: Array) -> Iterator[str]:
    for position in np.flatnonzero(ours != theirs).tolist():
        yield _said(f"{label} {int(ids[position])}", int(ours[position]), int(theirs[position]))


def _dense(ids: Array, values: Array, known: Array) -> Array:
    """``values`` of ``ids`` laid out over ``known`` (ascending, containing all ids), 0 where missing."""
    laid = np.zeros(len(known), np.int64)
    laid[np.searchsorted(known, ids)] = values
    return laid


def _said(label: str, ours: object, theirs: object) -> str:
    return f"{label}: {ours} here, {theirs} there"
