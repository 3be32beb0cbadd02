"""What the read models of checks answer."""

from __future__ import annotations

import msgspec

from weakspot.posture import Category, Platform, Result
from weakspot.queries.contracts import ExceptionStatus


class CheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """One check in a list. Devices are those of the scope that count.

    applicable_devices = compliant_devices + exposed_devices + unknown_devices; exposed: the setting is known and does
    not comply.
    """

    id: str
    recommendation_id: str
    title: str
    category: Category
    subcategory: str
    related_component: str
    """``Accounts > SSH``"""
    impact: int
    """Weight in the secure score, 1-10."""
    platforms: list[Platform]
    is_enabled: bool
    is_own: bool
    has_user_impact: bool
    applicable_devices: int
    compliant_devices: int
    exposed_devices: int
    unknown_devices: int
    exposed_critical_devices: int
    exposed_devices_after_exceptions: int
    secure_score_impact: float
    """Points that the scope's secure score gains when the setting is changed on all exposed devices that are not under
    a score-reducing exception; exact."""
    secure_score_impact_detected: float
    """As if there were no exceptions."""
    status: ExceptionStatus
    activities: int


class CheckValueRow(msgspec.Struct, frozen=True, kw_only=True):
    """One value that devices of the scope have."""

    value: str
    result: Result
    devices: int


class CheckDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The flyout of a check."""

    check: CheckRow
    setting: str
    expected: str
    """Values that comply, in words."""
    not_applicable: list[str]
    rationale: str
    remediation: list[str]
    user_impact: str
    """What people notice of the change; empty: nothing is expected."""
    attack: list[str]
    mitigations: list[str]
    references: list[str]
    provided: dict[str, str]
    """Where sensors and agents find the setting."""
    values: list[CheckValueRow]
    """At most 50, those of most devices first."""
    reason: str
    """Why it was switched off or on; empty: nobody decided."""
    decided_by: str | None
    decided_at: str | None


class DeviceCheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a check says of one device. value null: the device does not tell the setting."""

    id: str
    recommendation_id: str
    title: str
    category: Category
    subcategory: str
    impact: int
    is_enabled: bool
    result: Result
    is_excepted: bool
    setting: str
    value: str | None
    expected: str
