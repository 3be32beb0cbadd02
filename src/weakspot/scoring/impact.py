"""What the organisation's score would be without some software versions' weaknesses: exact, from the index alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import DEVICE_VALUES, FleetView
from weakspot.scoring.rules.scores import Int64s, ScoreSums, score_gain, survivals, value_weights

Ids = npt.NDArray[np.uint32]

DENSE_SHARE = 50
"""Looking up one device among some takes about as long as setting so many numbers to zero."""


def score_sums(view: FleetView, scope: Scope) -> ScoreSums:
    """Numbers and survivals of the counted devices in scope, per device value; made once a view."""

    def make() -> ScoreSums:
        ids, hazards, _ = view.device_hazards(None, scope)
        return ScoreSums(*by_value(view, ids, np.ones(len(ids), np.int64), survivals(hazards)))

    return view.memo(("scoring.sums", scope.group_ids), make)


def removed_hazards(view: FleetView, versions: Iterable[int], scope: Scope) -> tuple[Ids, Int64s]:
    """(device ids ascending, hazard that goes) when these software versions no longer carry any vulnerability.

    A vulnerability that another version on the same device carries too stays, and so does its hazard. Vulnerabilities
    with the same carriers are taken together: of a product's hundreds of them there are few different sets.
    """
    leaving = set(versions)
    alike: dict[tuple[int, ...], int] = {}
    for vulnerability in view.vulnerabilities_of_versions(leaving):
        carriers = view.carriers[vulnerability]
        alike[carriers] = alike.get(carriers, 0) + view.vulnerability_hazard(vulnerability)
    within = view.population.devices(scope)
    parts: list[tuple[BitMap, int]] = []
    for carriers, hazard in alike.items():
        rid = view.carrying(one for one in carriers if one in leaving) & within
        if hazard and rid:
            rid -= view.carrying(one for one in carriers if one not in leaving)
            parts.append((rid, hazard))
    for vulnerability, detected, extra in raises_among(view, view.vulnerabilities_of_versions(leaving)):
        carriers = view.carriers[vulnerability]
        rid = view.carrying(one for one in carriers if one in leaving) & within & detected
        rid -= view.carrying(one for one in carriers if one not in leaving)
        if rid:
            parts.append((rid, extra))
    return totals(parts)


def totals(parts: Sequence[tuple[BitMap, int]]) -> tuple[Ids, Int64s]:
    """(device ids ascending, sum of the amounts of the sets that each is in), of sets with an amount each."""
    devices = ids_of(BitMap.union(BitMap(), *(some for some, _ in parts)))
    amounts = np.zeros(len(devices), np.int64)
    partial = [(ids_of(some), amount) for some, amount in parts if len(some) < len(devices)]
    amounts += sum(amount for some, amount in parts if len(some) == len(devices))
    looked_up = sum(len(ids) for ids, _ in partial)
    if looked_up * DENSE_SHARE > (int(devices[-1]) if len(devices) else 0):
        whole = np.zeros(int(devices[-1]) + 1, np.int64)
        for ids, amount in partial:
            whole[ids] += amount
        amounts += whole[devices]
    else:
        for ids, amount in partial:
            amounts[np.searchsorted(devices, ids)] += amount
    return devices, amounts


def raises_among(view: FleetView, vulnerabilities: BitMap) -> Iterator[tuple[int, BitMap, int]]:
    """(vulnerability, devices on which a detection raises it, by how much), of these vulnerabilities."""
    for vulnerability, devices in view.detected.items():
        if vulnerability in vulnerabilities:
            extra = view.raised_by(vulnerability)
            if extra:
                yield vulnerability, devices, extra


def impact_of(view: FleetView, versions: Iterable[int], scope: Scope) -> float:
    """Points by which the scope's exposure score falls when these software versions carry nothing any more."""
    return score_gain(score_sums(view, scope), gained_survivals(view, versions, scope))


def gained_survivals(view: FleetView, versions: Iterable[int], scope: Scope) -> tuple[int, int, int]:
    """Survivals (2**-40) won per device value when these software versions carry nothing any more."""
    devices, removed = removed_hazards(view, versions, scope)
    hazards = view.sums.take(devices)
    return by_value(view, devices, survivals(hazards - removed) - survivals(hazards))[0]


def by_value(view: FleetView, devices: Ids | Int64s, *amounts: Int64s) -> list[tuple[int, int, int]]:
    """Each of ``amounts`` (one number a device) summed per device value."""
    values = _values(view)[devices]
    masks = [values == value for value in range(len(DEVICE_VALUES))]
    return [tuple(int(amount[mask].sum()) for mask in masks) for amount in amounts]  # type: ignore[misc]


def _values(view: FleetView) -> npt.NDArray[np.uint8]:
    """Position in ``DEVICE_VALUES`` of every device; made once a view."""

    def make() -> npt.NDArray[np.uint8]:
        known = view.population.all_devices()
        values = np.zeros(max(view.device_extent, known.max() + 1 if known else 0), np.uint8)
        for value, members in enumerate(view.population.values):
            values[ids_of(members)] = value
        return values

    return view.memo("scoring.values", make)


def ids_of(bitmap: BitMap) -> Ids:
    return np.frombuffer(bitmap.to_array(), np.uint32) if bitmap else np.empty(0, np.uint32)


def device_weights(view: FleetView, scope: Scope) -> npt.NDArray[np.float64]:
    """Points that one device's whole survival is worth in the scope's score, by device id; 0 outside of the scope."""
    sums = score_sums(view, scope)
    weights = value_weights(sum(sums.devices))
    whole = sum(weight * count for weight, count in zip(weights, sums.devices, strict=True))
    values = _values(view)
    points = np.zeros(len(values))
    within = ids_of(view.scope_bitmap(scope))
    if whole:
        points[within] = np.array(weights, np.float64)[values[within]] * (100 / whole)
    return points
