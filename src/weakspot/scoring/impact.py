"""What the organisation's score would be without some software versions' weaknesses: exact, from the index alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import DEVICE_VALUES, FleetView
from weakspot.scoring.rules.scores import Int64s, ScoreSums, score_gain, survivals


def score_sums(view: FleetView, scope: Scope) -> ScoreSums:
    """Numbers and survivals of the counted devices in scope, per device value; made once a view."""

    def make() -> ScoreSums:
        ids, hazards, _ = view.device_hazards(None, scope)
        return ScoreSums(*_by_value(view, ids, np.ones(len(ids), np.int64), survivals(hazards)))

    return view.memo(("scoring.sums", scope.group_ids), make)


def removed_hazards(view: FleetView, versions: Iterable[int], scope: Scope) -> tuple[Int64s, Int64s]:
    """(device ids ascending, hazard that goes) when these software versions no longer carry any vulnerability.

    A vulnerability that another version on the same device carries too stays, and so does its hazard. Vulnerabilities
    with the same carriers are taken together: of a product's hundreds of them there are few different sets.
    """
    leaving = set(versions)
    weaknesses = view.vulnerabilities_of_versions(leaving)
    alike: dict[tuple[int, ...], int] = {}
    for vulnerability in weaknesses:
        carriers = view.carriers[vulnerability]
        alike[carriers] = alike.get(carriers, 0) + view.vulnerability_hazard(vulnerability)
    removed = np.zeros(view.device_extent, np.int64)
    within = view.scope_bitmap(scope)
    for carriers, hazard in alike.items():
        if hazard == 0:
            continue
        rid = view.carrying(one for one in carriers if one in leaving) & within
        if rid:
            rid -= view.carrying(one for one in carriers if one not in leaving)
            removed[np.frombuffer(rid.to_array(), np.uint32)] += hazard
    devices = np.flatnonzero(removed)
    return devices, removed[devices]


def impact_of(view: FleetView, versions: Iterable[int], scope: Scope) -> float:
    """Points by which the scope's exposure score falls when these software versions carry nothing any more."""
    devices, removed = removed_hazards(view, versions, scope)
    if len(devices) == 0:
        return 0.0
    hazards = view.sums.take(devices)
    gained = survivals(hazards - removed) - survivals(hazards)
    return score_gain(score_sums(view, scope), _by_value(view, devices, gained)[0])


def _by_value(view: FleetView, devices: Int64s, *amounts: Int64s) -> list[tuple[int, int, int]]:
    """Each of ``amounts`` (one number a device) summed per device value."""
    masks = [_mask(devices, bitmap) for bitmap in view.population.values]
    assert len(masks) == len(DEVICE_VALUES)
    return [tuple(int(amount[mask].sum()) for mask in masks) for amount in amounts]  # type: ignore[misc]


def _mask(devices: Int64s, members: BitMap) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which of ``devices`` are members."""
    flags = np.zeros(int(devices[-1]) + 1 if len(devices) else 1, np.bool_)
    known = np.frombuffer(members.to_array(), np.uint32) if members else np.empty(0, np.uint32)
    flags[known[known < len(flags)]] = True
    return flags[devices]
