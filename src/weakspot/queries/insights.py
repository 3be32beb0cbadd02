"""Breach insights: which weaknesses, software and devices an active detection hangs on, within a scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot import scoring, threats
from weakspot.fleet import FleetView
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.queries.columns import Ids, Mask, Numbers
from weakspot.queries.lens import Lens
from weakspot.threats.contracts import RiskLevel

NOTHING = BitMap()


class Insights(msgspec.Struct, frozen=True):
    """Devices with an active detection, by what it hangs on; of all scopes, so always cut them to one."""

    vulnerabilities: dict[int, BitMap]
    software: dict[int, BitMap]
    carried: dict[int, tuple[int, ...]]
    """Software -> detected vulnerabilities that some version of it carries."""
    risk_levels: dict[int, RiskLevel]
    """Device -> risk level; others are at None."""


def insights(lens: Lens) -> Insights:
    """The insights of this moment; read once a fleet view."""
    key = ("threats.insights", lens.last_seq)
    return lens.view.memo(key, lambda: _read(lens))


def detected_devices(lens: Lens, vulnerability_id: int) -> BitMap:
    """Devices in scope that have the vulnerability and an active detection that hangs on it."""
    found = insights(lens).vulnerabilities.get(vulnerability_id)
    if found is None:
        return BitMap()
    return found & lens.view.devices_of_vulnerability(vulnerability_id, lens.scope)


def is_software_detected(lens: Lens, software_id: int) -> bool:
    """Whether an active detection in scope hangs on the software, or on a vulnerability that it carries there."""
    found = insights(lens)
    versions = lens.view.versions[software_id]
    named = found.software.get(software_id)
    if named is not None and lens.view.devices_of_versions(versions, lens.scope).intersect(named):
        return True
    return any(
        _is_carried(lens, versions, one, found.vulnerabilities[one]) for one in found.carried.get(software_id, ())
    )


def is_any_detected(lens: Lens, vulnerabilities: Iterable[int], software_ids: Iterable[int]) -> bool:
    """Whether one of the software, or of the vulnerabilities, is under an active detection in scope."""
    known = insights(lens)
    if not known.vulnerabilities and not known.software:
        return False
    return any(detected_devices(lens, one) for one in vulnerabilities if one in known.vulnerabilities) or any(
        is_software_detected(lens, one) for one in software_ids if one in known.software
    )


def hazard(lens: Lens, facts: VulnerabilityFacts) -> int:
    """The largest hazard that the vulnerability has on a device in scope: raised where a detection hangs on it."""
    return scoring.raised_hazard(facts) if is_raised(lens, facts.id) else scoring.hazard(facts)


def is_raised(lens: Lens, vulnerability_id: int) -> bool:
    """Whether the hazard is raised on a device in scope."""
    devices = lens.view.detected.get(vulnerability_id)
    return devices is not None and bool(
        lens.view.devices_of_vulnerability(vulnerability_id, lens.scope).intersect(devices)
    )


def with_detection(lens: Lens, ids: Ids) -> Mask:
    """Which of some vulnerabilities have an active detection in scope."""
    found = [one for one in insights(lens).vulnerabilities if detected_devices(lens, one)]
    mask: Mask = np.isin(ids, found)
    return mask


def with_raises(lens: Lens, ids: Ids, hazards: Ids | Numbers) -> Ids | Numbers:
    """The hazards of some vulnerabilities, raised where a detection raises them in scope."""
    raises = {one: lens.view.raised_by(one) for one in lens.view.detected if is_raised(lens, one)}
    at = np.flatnonzero(np.isin(ids, list(raises)))
    if len(at) == 0:
        return hazards
    raised = hazards.copy()
    raised[at] += np.array([raises[one] for one in ids[at].tolist()], raised.dtype)
    return raised


def raised_on(lens: Lens, device_id: int) -> frozenset[int]:
    """Vulnerabilities whose hazard is raised on a device, where it has them."""
    return frozenset(lens.view.detection.of_device.get(device_id, ()))


def risk_level(lens: Lens, device_id: int) -> RiskLevel:
    """A device's risk level (spec/features.md 13.1)."""
    return insights(lens).risk_levels.get(device_id, "None")


def _is_carried(lens: Lens, versions: tuple[int, ...], vulnerability_id: int, devices: BitMap) -> bool:
    view: FleetView = lens.view
    carriers = set(view.carriers[vulnerability_id]).intersection(versions)
    return bool(carriers) and bool(view.devices_of_versions(sorted(carriers), lens.scope).intersect(devices))


def _read(lens: Lens) -> Insights:
    vulnerabilities: defaultdict[int, BitMap] = defaultdict(BitMap)
    software: defaultdict[int, BitMap] = defaultdict(BitMap)
    for one in threats.active_links(lens.conn):
        if one.vulnerability_id is not None:
            vulnerabilities[one.vulnerability_id].add(one.device_id)
        elif one.software_id is not None:
            software[one.software_id].add(one.device_id)
    carried: defaultdict[int, set[int]] = defaultdict(set)
    for vulnerability in vulnerabilities:
        for version in lens.view.carriers[vulnerability]:
            carried[lens.view.software_of_version(version)].add(vulnerability)
    by_software = {software_id: tuple(sorted(some)) for software_id, some in carried.items()}
    return Insights(dict(vulnerabilities), dict(software), by_software, threats.risk_levels(lens.conn))
