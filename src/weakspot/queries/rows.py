"""The rows of lists, made for the few ids of one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast, get_args

import numpy as np

from weakspot import exceptions, intel, inventory, matching, scoring, timeline
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.inventory.contracts import Device, Software, SoftwareVersion
from weakspot.inventory.rules.health import Health, Onboarding, health, onboarding
from weakspot.queries import insights, unassessed
from weakspot.queries.columns import Ids, natural
from weakspot.queries.contracts import (
    CriticalityLevel,
    DeviceRow,
    LookedUpAs,
    ScorePoint,
    SoftwareReference,
    SoftwareRow,
    WeaknessLabel,
    WeaknessRow,
)
from weakspot.queries.lens import Lens, ids_of
from weakspot.queries.software_tags import Tagger
from weakspot.runtime.clock import Micros, to_iso
from weakspot.vocabulary.severity import Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

SMALL_FLEET = 5_000
"""Up to so many devices, exact impacts of a page take a few milliseconds."""

SOFTWARE_SHOWN = 5
"""Software named in a row of weaknesses; the rest is a number."""


def iso(at: Micros | None) -> str | None:
    """RFC 3339 text of a moment; None stays None."""
    return None if at is None else to_iso(at)


def reference(software: Software) -> SoftwareReference:
    """Enough of a software to link to it."""
    return SoftwareReference(id=software.public_id, name=software.name, vendor=software.vendor)


def looked_up_as(version: SoftwareVersion) -> LookedUpAs | None:
    """The best identity of a software version; None when it is not looked up at all."""
    best = next(iter(matching.candidates(version)), None)
    return None if best is None else LookedUpAs(ecosystem=best.ecosystem, name=best.name)


def weakness_rows(lens: Lens, ids: Sequence[int]) -> list[WeaknessRow]:
    """Rows in the order asked; a vulnerability that the snapshot does not know is left out."""
    rows = weaknesses_by_id(lens, ids)
    return [rows[one] for one in ids if one in rows]


def weaknesses_by_id(lens: Lens, ids: Iterable[int]) -> dict[int, WeaknessRow]:
    """Rows by vulnerability; one that the snapshot does not know is left out."""
    return weaknesses_of_facts(lens, intel.facts(lens.conn, sorted(ids)))


def weaknesses_of_facts(lens: Lens, facts: Mapping[int, VulnerabilityFacts]) -> dict[int, WeaknessRow]:
    """Rows by vulnerability, from facts that were read already."""
    carriers = {one: _software_here(lens, one) for one in facts}
    software = lens.memory.software(lens.read, {s for found in carriers.values() for s in found})
    return {one: _weakness_row(lens, known, carriers[one], software) for one, known in facts.items()}


def software_rows(
    lens: Lens, ids: Sequence[int], *, is_exact: bool = False, has_trends: bool = True
) -> list[SoftwareRow]:
    """Rows in the order asked; software that the snapshot does not know is left out.

    has_trends: with how many devices were exposed before.

    is_exact: impacts are those of this very moment; else, in a large fleet, they may be half a minute old.
    """
    software = lens.memory.software(lens.read, ids)
    weak = {one: ids_of(lens.weaknesses_of_software(one)) for one in ids}
    present = [found for found in weak.values() if len(found)]
    columns = lens.vulnerability_columns(_union(present))
    impacts = _impacts(lens, ids, is_exact=is_exact or len(lens.counted) <= SMALL_FLEET)
    tagger = Tagger(lens)
    keys = {one: timeline.software_key(software[one].public_id) for one in ids if one in software}
    trends = timeline.exposures(lens.conn, keys.values(), lens.scope, lens.now) if has_trends else {}
    rows = []
    for one in ids:
        if one not in software:
            continue
        severity, exploit = columns.worst(weak[one])
        installed, exposed = lens.view.counts_of_software(one, lens.scope)
        before = trends[keys[one]].days if has_trends else ()
        rows.append(
            SoftwareRow(
                id=software[one].public_id,
                name=software[one].name,
                vendor=software[one].vendor,
                type=software[one].type,
                weaknesses=len(weak[one]) if len(weak[one]) or is_assessed(lens, one) else None,
                highest_severity=severity,
                exploit_level=exploit,
                exposed_devices=exposed,
                installed_devices=installed,
                versions=sum(map(lens.is_version_here, lens.view.versions_of_software(one).tolist())),
                impact=impacts[one],
                has_active_detection=insights.is_software_detected(lens, one),
                tags=tagger.of(one),
                exposed_trend=[*before, exposed] if before and any((*before, exposed)) else [],
            )
        )
    return rows


def device_rows(lens: Lens, ids: Sequence[int]) -> list[DeviceRow]:
    """Rows in the order asked."""
    devices = {device.id: device for device in inventory.devices(lens.conn, ids)}
    return [device_row(lens, devices[one]) for one in ids if one in devices]


def device_row(lens: Lens, device: Device) -> DeviceRow:
    """The row of one device. A device that does not count (excluded, silent for 30 days) has no score."""
    score = device_score(lens, device.id)
    listed = lens.device_columns().listed.get(device.id)
    facing = lens.label_of("internet_facing", device.id)
    return DeviceRow(
        id=device.public_id,
        name=device.name,
        domain=device.domain,
        os_platform=device.os_platform,
        os_distribution=device.os_distribution,
        os_version=device.os_version,
        group_id=device.group_id,
        group_name=lens.group_names.get(device.group_id, ""),
        device_value=device.device_value,
        exposure_score=score,
        exposure_score_detected=detected_score(lens, device.id),
        exposure_level=scoring.exposure_level(score),
        weaknesses=int(lens.view.findings.one(device.id)) - lens.exceptions.inapplicable.number_on(device.id),
        software=0 if listed is None else listed.software,
        health=health_of(lens, device),
        first_seen_at=to_iso(device.first_seen_at),
        last_seen_at=to_iso(device.last_seen_at),
        tags=lens.tags_of(device.id),
        criticality=cast(CriticalityLevel, lens.label_of("criticality", device.id) or "None"),
        is_internet_facing=None if facing is None else facing == "yes",
        is_excluded=device.is_excluded,
        onboarding=onboarding_of(device),
        discovery_source=device.discovery_source,
        risk_level=insights.risk_level(lens, device.id),
    )


def health_of(lens: Lens, device: Device) -> Health:
    """How the device's sensor is now."""
    incomplete, refused = lens.memory.troubles(lens.read)
    return health(
        lens.now, device.last_seen_at, device.last_report_at, device.last_observed_at,
        refused_at=refused.get(device.id), is_incomplete=device.id in incomplete,
    )  # fmt: skip


def onboarding_of(device: Device) -> Onboarding:
    """Whether something on the device speaks for it."""
    return onboarding(device.discovery_source, device.os_platform, has_reported=device.last_report_at is not None)


def device_score(lens: Lens, device_id: int) -> float | None:
    """0-100, without what is excepted; None when the device does not count."""
    if device_id not in lens.counted:
        return None
    return scoring.device_score(active_hazard(lens, device_id))


def detected_score(lens: Lens, device_id: int) -> float | None:
    """0-100, with what is excepted; None when the device does not count."""
    return scoring.device_score(int(lens.view.sums.one(device_id))) if device_id in lens.counted else None


def active_hazard(lens: Lens, device_id: int) -> int:
    """Hazard of a device in 2**-32, without what is excepted."""
    return int(lens.active_hazards(np.array([device_id]))[0])


def is_excepted(lens: Lens, device_id: int, vulnerability_id: int) -> bool:
    """Whether a score-reducing exception covers the finding."""
    return device_id in lens.excepted.devices.get(vulnerability_id, ())


def score_point(point: scoring.ScorePoint) -> ScorePoint | None:
    """As it is shown; None where there was no score."""
    if point.score is None:
        return None
    return ScorePoint(at=to_iso(point.at), score=point.score, score_detected=point.detected_score)


def is_assessed(lens: Lens, software_id: int) -> bool:
    """Whether something can be said about a version of the software that is installed in the scope."""
    reasons = lens.memory.not_assessed(lens.read)
    versions = lens.view.versions_of_software(software_id).tolist()
    return any(version not in reasons and lens.is_version_here(version) for version in versions)


def first_detected_at(lens: Lens, vulnerability_id: int) -> Micros | None:
    """Since when a software version that is installed in the scope has matched; None when none has."""
    matches = lens.memory.matches(lens.read)
    at = matches.of_vulnerability(vulnerability_id)
    for version, since in zip(matches.version[at].tolist(), matches.since[at].tolist(), strict=True):
        if lens.is_version_here(version):
            return int(since)
    return None


def fixes(lens: Lens, vulnerability_id: int) -> tuple[int, int]:
    """Of the software versions in the scope that carry it, how many have a fix and how many have none."""
    matches = lens.memory.matches(lens.read)
    at = matches.of_vulnerability(vulnerability_id)
    pairs = zip(matches.version[at].tolist(), matches.has_fix[at].tolist(), strict=True)
    here = [has_fix for version, has_fix in pairs if lens.is_version_here(version)]
    return sum(here), len(here) - sum(here)


def weakness_labels(facts: VulnerabilityFacts, fixed: int, unfixed: int) -> list[WeaknessLabel]:
    """What stands below a name (spec/features.md 11.1, 11.3): of ``fixes``; nothing where no device has it."""
    if not unfixed:
        return []
    if fixed:
        return ["some_updates_available"]
    return ["zero_day", "no_security_update"] if facts.is_known_exploited else ["no_security_update"]


def _weakness_row(
    lens: Lens, facts: VulnerabilityFacts, carriers: list[int], software: Mapping[int, Software]
) -> WeaknessRow:
    named = sorted((software[one] for one in carriers if one in software), key=lambda one: natural(one.name))
    detected = lens.view.count_of_vulnerability(facts.id, lens.scope)
    fixed, unfixed = fixes(lens, facts.id)
    return WeaknessRow(
        name=facts.name,
        title=facts.title,
        severity=facts.severity,
        cvss_score=facts.cvss_score,
        epss=facts.epss,
        epss_percentile=facts.epss_percentile,
        exploit_level=facts.exploit_level,
        is_known_exploited=facts.is_known_exploited,
        is_used_by_ransomware=facts.is_used_by_ransomware,
        published_at=iso(facts.published_at),
        updated_at=iso(facts.modified_at),
        first_detected_at=iso(first_detected_at(lens, facts.id)),
        exposed_devices=detected - lens.hidden_counts.get(facts.id, 0),
        detected_devices=detected,
        is_exposure_known=bool(detected) or not unassessed.is_named(lens, facts.id),
        software=[reference(one) for one in named[:SOFTWARE_SHOWN]],
        software_count=len(named),
        is_fix_available=fixed > 0,
        labels=weakness_labels(facts, fixed, unfixed),
        hazard=insights.hazard(lens, facts) / scoring.HAZARD_UNIT,
        has_active_detection=bool(insights.detected_devices(lens, facts.id)),
    )


def _software_here(lens: Lens, vulnerability_id: int) -> list[int]:
    """Software with a version in scope that carries the vulnerability."""
    here: set[int] = set()
    for version in lens.view.versions_of_vulnerability(vulnerability_id).tolist():
        software = lens.view.software_of_version(version)
        if software not in here and lens.is_version_here(version):
            here.add(software)
    return sorted(here)


def _impacts(lens: Lens, ids: Sequence[int], *, is_exact: bool) -> dict[int, float]:
    def make(wanted: Sequence[int]) -> dict[int, float]:
        return scoring.software_impacts(lens.view, wanted, lens.scope, excepted=lens.excepted)

    name = f"impact.{exceptions.stamp(lens.conn)}"  # a decision is in force with the next question
    return make(ids) if is_exact else lens.memory.recent(lens.read, name, lens.scope, ids, make)


def _union(parts: Sequence[Ids]) -> Ids:
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
