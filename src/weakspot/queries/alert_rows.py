"""What the Detections page answers."""

from __future__ import annotations

import msgspec

from weakspot.queries.contracts import SoftwareReference
from weakspot.threats.contracts import Classification, DetectionSeverity, DetectionStatus, LinkReason


class DetectionDevice(msgspec.Struct, frozen=True, kw_only=True):
    """The device of a detection."""

    id: str
    name: str
    group_name: str


class DetectionReason(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a detection hangs on, and why."""

    reason: LinkReason
    """vulnerability: it names it; software: its paths or programs are of it; technique: it is known to be used so."""
    weakness: str | None
    software: SoftwareReference | None
    is_raised: bool
    """The hazard of the weakness is raised on the device."""
    text: str


class DetectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One detection in the list."""

    id: str
    title: str
    severity: DetectionSeverity
    status: DetectionStatus
    is_active: bool
    product: str
    intake: str
    category: str
    device: DetectionDevice | None
    unresolved_because: str | None
    first_at: str | None
    last_at: str | None
    created_at: str
    updated_at: str
    times_seen: int
    techniques: list[str]
    named_vulnerabilities: list[str]
    weaknesses: list[str]
    """Weaknesses of the device that it hangs on, those with a raised hazard first."""
    software: list[SoftwareReference]
    classification: Classification | None
    assigned_to: str


class DetectionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The flyout of a detection."""

    detection: DetectionRow
    description: str
    rule: str
    url: str
    user: str
    paths: list[str]
    programs: list[str]
    device_names: list[str]
    device_addresses: list[str]
    reasons: list[DetectionReason]
    determination: str
    comment: str
    decided_by: str
    decided_at: str | None
    resolved_at: str | None


class IntakeRow(msgspec.Struct, frozen=True, kw_only=True):
    """An intake; the address to send to is ``POST /api/v1/detections/{name}``."""

    name: str
    title: str
    specification: str
    is_own: bool
    """Made by a mapping."""
