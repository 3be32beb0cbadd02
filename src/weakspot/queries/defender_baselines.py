"""Baseline profiles in the compatible API: profiles, configurations, what devices have (spec/api.md 12.11 and 14).

Texts that the contract has as HTML are escaped text.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

import msgspec

from weakspot import posture
from weakspot.inventory import settings
from weakspot.inventory.contracts import Device
from weakspot.queries.baseline_reader import Assessed, BaselineReader, Standing
from weakspot.queries.baselines import source_of
from weakspot.queries.defender import Entity, dns_name, platform_of
from weakspot.queries.defender_assessments import CATEGORIES, behind, devices_from
from weakspot.queries.defender_exports import Cursor, group_in_exports
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import Micros, to_iso

_SYSTEMS = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}


class BaselineProfile(Entity, frozen=True, kw_only=True):
    """A profile. Times under both names that the contract has for them."""

    id: str
    name: str
    description: str
    benchmark: str
    version: str
    operating_system: str
    operating_system_version: str
    status: bool
    compliance_level: str
    settings_number: int
    created_by: str
    last_updated_by: str | None
    created_on_time_offset: str
    created_on_timestamp_utc: str = msgspec.field(name="createdOnTimestampUTC")
    last_update_time_offset: str
    last_update_timestamp_utc: str = msgspec.field(name="lastUpdateTimestampUTC")
    passed_devices: int
    total_devices: int


class BaselineConfiguration(Entity, frozen=True, kw_only=True):
    """One check of an enabled profile."""

    unique_id: str
    id: str
    benchmark_name: str
    benchmark_version: str
    name: str
    description: str
    category: str
    compliance_levels: list[str]
    cce: str
    rationale: str
    source: list[str]
    recommended_value: list[str]
    remediation: str
    is_custom: bool


class AssetBaselineAssessment(Entity, frozen=True, kw_only=True):
    """What one check of one profile says of one device. Without a data collection time nothing is told of it."""

    id: str
    configuration_id: str
    profile_id: str
    device_id: str
    device_name: str
    os_platform: str
    os_version: str
    rbac_group_id: int
    rbac_group_name: str
    is_applicable: bool
    is_compliant: bool
    data_collection_time_offset: str | msgspec.UnsetType = msgspec.UNSET
    compliance_calculation_time_offset: str
    recommended_value: list[str]
    current_value: list[str]
    source: list[str]


def profiles(lens: Lens) -> Iterator[BaselineProfile]:
    """All profiles, by name."""
    reader = BaselineReader(lens)
    for one in reader.all:
        yield _profile(reader.standing(one))


def configurations(lens: Lens) -> Iterator[BaselineConfiguration]:
    """Checks of the enabled profiles; what several ask alike is one."""
    seen: set[tuple[str, str]] = set()
    for standing in BaselineReader(lens).enabled():
        for one in standing.assessed.values():
            made = _configuration(standing, one)
            key = made.unique_id, made.recommended_value[0]
            if key not in seen:
                seen.add(key)
                yield made


def rows(lens: Lens, cursor: Cursor) -> Iterator[tuple[AssetBaselineAssessment, Cursor]]:
    """Rows from the cursor on, each with the cursor behind it, by device, profile and check.

    Pairs under an exception are not assessed and have no row. The cursor's row is the number of the last pair of a
    device that was looked at.
    """
    pairs = [(standing, one) for standing in BaselineReader(lens).enabled() for one in standing.assessed.values()]
    for device, skipped in devices_from(lens, cursor):
        if not any(device.id in standing.devices for standing, _ in pairs):
            continue
        told = _told(lens, device)
        for number, (standing, one) in enumerate(pairs[skipped:], skipped + 1):
            if device.id in standing.devices and device.id not in one.exempt:
                yield _row(lens, device, standing, one, told.get(one.check.setting)), behind(cursor, device, number)


def _told(lens: Lens, device: Device) -> dict[str, str]:
    present = settings.present(lens.conn, device.id)
    values = settings.values(lens.conn, () if present is None else present[0].tolist())
    return {one.name: one.value for one in values.values()}


def _row(
    lens: Lens, device: Device, standing: Standing, one: Assessed, value: str | None
) -> AssetBaselineAssessment:  # fmt: skip
    group_id, group_name = group_in_exports(lens, device)
    collected: Micros | None = None if value is None else device.last_report_at or device.last_seen_at
    return AssetBaselineAssessment(
        id=f"{device.public_id}_{standing.baseline.id}_{one.check.id}",
        configuration_id=one.check.id,
        profile_id=standing.baseline.id,
        device_id=device.public_id,
        device_name=dns_name(device),
        os_platform=platform_of(device),
        os_version=device.os_version,
        rbac_group_id=group_id,
        rbac_group_name=group_name,
        is_applicable=device.id in one.applicable,
        is_compliant=device.id in one.compliant,
        data_collection_time_offset=msgspec.UNSET if collected is None else to_iso(collected),
        compliance_calculation_time_offset=to_iso(lens.now),
        recommended_value=[posture.expected_text(one.check.compliant)],
        current_value=[] if value is None else [value],
        source=[source_of(one.check, standing.baseline.profile.platform)],
    )


def _profile(standing: Standing) -> BaselineProfile:
    one, profile = standing.baseline, standing.baseline.profile
    created, changed = to_iso(one.created_at), to_iso(one.changed_at or one.created_at)
    return BaselineProfile(
        id=one.id,
        name=profile.name,
        description=profile.description,
        benchmark=profile.benchmark,
        version=profile.version,
        operating_system=profile.distribution or _SYSTEMS[profile.platform],
        operating_system_version=profile.os_version,
        status=profile.is_enabled,
        compliance_level=profile.level,
        settings_number=len(standing.assessed),
        created_by=one.created_by.split(":", 2)[-1],
        last_updated_by=None if one.changed_by is None else one.changed_by.split(":", 2)[-1],
        created_on_time_offset=created,
        created_on_timestamp_utc=created,
        last_update_time_offset=changed,
        last_update_timestamp_utc=changed,
        passed_devices=len(standing.compliant),
        total_devices=len(standing.devices),
    )


def _configuration(standing: Standing, one: Assessed) -> BaselineConfiguration:
    profile, check = standing.baseline.profile, one.check
    return BaselineConfiguration(
        unique_id=f"{profile.benchmark}_{profile.version}-{profile.distribution or profile.platform}_{check.id}",
        id=check.id,
        benchmark_name=profile.benchmark,
        benchmark_version=profile.version,
        name=check.title,
        description=html.escape(check.title),
        category=CATEGORIES[check.category],
        compliance_levels=[profile.level] if profile.level else [],
        cce="",
        rationale=html.escape(check.rationale),
        source=[source_of(check, profile.platform)],
        recommended_value=[posture.expected_text(check.compliant)],
        remediation="<br>".join(html.escape(step) for step in check.remediation),
        is_custom=one.is_customised or check.is_own,
    )
