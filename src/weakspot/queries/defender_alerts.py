"""Detections in the words of the compatible API: alerts (docs/compatible-api.md)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from weakspot import inventory, threats
from weakspot.inventory.contracts import Device
from weakspot.queries import alerts
from weakspot.queries.defender import Entity, dns_name, group_of
from weakspot.queries.lens import Lens
from weakspot.queries.rows import iso
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound
from weakspot.threats import Detection

_CHUNK = 1_000
_STATUSES = {"unknown": "Unknown", "new": "New", "in_progress": "InProgress", "resolved": "Resolved"}
_CLASSES = {
    "true_positive": "TruePositive",
    "informational": "InformationalExpectedActivity",
    "false_positive": "FalsePositive",
}


class AlertUser(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The account that a detection names."""

    user_name: str
    domain_name: str


class AlertComment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a person said."""

    comment: str
    created_by: str
    created_time: str


class AlertEvidence(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file that a detection names. What is not known is null."""

    entity_type: str
    evidence_creation_time: str | None
    file_name: str | None
    file_path: str | None
    sha1: str | None = None
    sha256: str | None = None
    process_id: int | None = None
    process_command_line: str | None = None
    detection_status: str | None = None


class Alert(Entity, frozen=True, kw_only=True):
    """A detection."""

    id: str
    incident_id: int | None
    investigation_id: int | None
    assigned_to: str | None
    severity: str
    status: str
    classification: str | None
    determination: str | None
    investigation_state: str | None
    detection_source: str
    detector_id: str
    category: str
    threat_family_name: str | None
    threat_name: str | None
    title: str
    description: str
    alert_creation_time: str
    first_event_time: str | None
    last_event_time: str | None
    last_update_time: str
    resolved_time: str | None
    machine_id: str | None
    computer_dns_name: str | None
    rbac_group_name: str | None
    aad_tenant_id: str | None
    mitre_techniques: list[str]
    related_user: AlertUser | None
    comments: list[AlertComment]
    evidence: list[AlertEvidence]


def listed(lens: Lens) -> Iterator[Alert]:
    """Detections on devices of the scope, oldest first, without their evidence."""
    inside = None if lens.scope.group_ids is None else set(lens.devices_in_scope().tolist())
    ids = sorted(one for one, device, *_ in threats.heads(lens.conn) if inside is None or device in inside)
    walking = iter(ids)
    while chunk := list(islice(walking, _CHUNK)):
        found = threats.some(lens.conn, chunk)
        devices = _devices(lens, list(found.values()))
        for one in chunk:
            if one in found:
                yield _alert(lens, found[one], devices)


def alert(lens: Lens, asked: str) -> Alert:
    """One, with its evidence. Raises NotFound."""
    try:
        found = alerts.find(lens, asked[:64])
    except NotFound:
        raise NotFound(f"Alert {asked[:64]} was not found") from None
    made = _alert(lens, found, _devices(lens, [found]))
    evidence = [
        AlertEvidence(
            entity_type="File",
            evidence_creation_time=iso(found.observed.first_at),
            file_name=path.replace("\\", "/").rpartition("/")[2] or None,
            file_path=path,
        )
        for path in found.observed.paths
    ]
    return msgspec.structs.replace(made, evidence=evidence)


def _alert(lens: Lens, one: Detection, devices: dict[int, Device]) -> Alert:
    observed = one.observed
    device = None if one.device_id is None else devices.get(one.device_id)
    said = [AlertComment(comment=one.comment, created_by=one.decided_by.split(":", 2)[-1],
                         created_time=iso(one.decided_at) or "")] if one.comment else []  # fmt: skip
    return Alert(
        id=one.public_id,
        incident_id=None,
        investigation_id=None,
        assigned_to=one.assigned_to or None,
        severity="UnSpecified" if observed.severity == "Unspecified" else observed.severity,
        status=_STATUSES[one.status],
        classification=None if one.classification is None else _CLASSES[one.classification],
        determination=one.determination or None,
        investigation_state=None,
        detection_source=observed.product,
        detector_id=observed.rule,
        category=observed.category,
        threat_family_name=None,
        threat_name=None,
        title=observed.title,
        description=observed.description,
        alert_creation_time=to_iso(one.created_at),
        first_event_time=iso(observed.first_at),
        last_event_time=iso(observed.last_at),
        last_update_time=to_iso(one.updated_at),
        resolved_time=iso(one.resolved_at),
        machine_id=None if device is None else device.public_id,
        computer_dns_name=None if device is None else dns_name(device),
        rbac_group_name=None if device is None else group_of(lens, device.group_id)[1],
        aad_tenant_id=None,
        mitre_techniques=list(observed.techniques),
        related_user=AlertUser(user_name=observed.user, domain_name="") if observed.user else None,
        comments=said,
        evidence=[],
    )


def _devices(lens: Lens, detections: list[Detection]) -> dict[int, Device]:
    ids = sorted({one.device_id for one in detections if one.device_id is not None})
    return {one.id: one for one in inventory.devices(lens.conn, ids)}
