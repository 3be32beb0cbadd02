"""What the read models of baseline profiles answer (spec/features.md 17.1)."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.posture import Category, Expected, Platform, Result

Compliance = Literal["compliant", "non_compliant", "unknown"]
"""Of a device and a whole profile. unknown: nothing fails, but not everything is told."""


class BaselineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One profile. Devices are those of the scope that it is for: devices = compliant + non_compliant + unknown.

    groups null: all; else those of them that the caller may see. Of a disabled profile all counts are 0.
    """

    id: str
    name: str
    description: str
    benchmark: str
    version: str
    level: str
    platform: Platform
    distribution: str
    os_version: str
    is_enabled: bool
    settings: int
    groups: list[int] | None
    tags: list[str]
    devices: int
    compliant_devices: int
    non_compliant_devices: int
    unknown_devices: int
    created_by: str
    created_at: str
    changed_by: str | None
    changed_at: str | None


class BaselineConfigurationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a profile, over its devices in the scope.

    applicable_devices = compliant + non_compliant + unknown; exempt_devices, under an exception of the check's
    recommendation, are in none of them.
    """

    check_id: str
    title: str
    category: Category
    subcategory: str
    setting: str
    expected: str
    """What the profile asks for, in words."""
    check_expected: str
    """What the check asks for."""
    is_customised: bool
    own_expected: Expected | None
    """The profile's own threshold, as it is written; null where it asks for what the check does."""
    source: str
    """Where the setting is found."""
    applicable_devices: int
    compliant_devices: int
    non_compliant_devices: int
    unknown_devices: int
    exempt_devices: int


class BaselineDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A profile with its checks: what most devices fail comes first."""

    baseline: BaselineRow
    configurations: list[BaselineConfigurationRow]
    missing_checks: list[str]
    """Checks that the catalogue no longer has; they count nowhere."""


class BaselineDeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one device stands to a profile: numbers of its settings. exempt and not applicable ones are in none."""

    id: str
    name: str
    group_id: int
    group_name: str
    compliance: Compliance
    compliant_settings: int
    failing_settings: int
    unknown_settings: int


class DeviceConfigurationRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a profile asks of one device, and what there is. value null: the device does not tell it."""

    check_id: str
    title: str
    result: Result
    is_exempt: bool
    setting: str
    expected: str
    value: str | None
    source: str


class DeviceBaseline(msgspec.Struct, frozen=True, kw_only=True):
    """One profile that is for a device; what it fails comes first."""

    id: str
    name: str
    compliance: Compliance
    configurations: list[DeviceConfigurationRow]


class FailingDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device and how many settings of all its profiles it fails."""

    id: str
    name: str
    failing_settings: int


class FailingConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """A check of a profile and how many devices fail it."""

    baseline_id: str
    baseline_name: str
    check_id: str
    title: str
    devices: int


class BaselineOverview(msgspec.Struct, frozen=True, kw_only=True):
    """All enabled profiles: devices that any is for, those that comply with all of theirs, and the worst."""

    devices: int
    compliant_devices: int
    non_compliant_devices: int
    unknown_devices: int
    profiles: list[BaselineRow]
    top_failing_devices: list[FailingDevice]
    top_failing_configurations: list[FailingConfiguration]
