"""CrowdStrike-style events: ``metadata`` and ``event`` of the event stream (DetectionSummaryEvent and
EppDetectionSummaryEvent), and alerts of the alerts API with their ``device``.
"""

from __future__ import annotations

from weakspot.threats.contracts import DetectionSeverity, DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, number, text, texts

_KINDS = ("DetectionSummaryEvent", "EppDetectionSummaryEvent", "IdpDetectionSummaryEvent")


def read(document: Document) -> Observed | None:
    """One detection; other events of the stream (audit, sign-ins) are none."""
    kind = text(document, "metadata.eventType")
    if kind and kind not in _KINDS:
        return None
    source_id = text(document, "event.DetectId", "event.CompositeId", "composite_id", "detection_id", "id")
    title = text(document, "event.DetectName", "event.Name", "display_name", "name", "event.IncidentType")
    described = text(document, "event.DetectDescription", "event.Description", "description", limit=base.MAX_TEXT)
    file_name = text(document, "event.FileName", "filename")
    folder = text(document, "event.FilePath", "filepath")
    return Observed(
        source_id=base.needed(source_id, "DetectId or composite_id", "DetectId"),
        title=title or described[:200] or "Detection",
        product="CrowdStrike",
        severity=_severity(document),
        status=base.status_word(text(document, "status", "event.Status")),
        description=described,
        category=text(document, "event.Tactic", "tactic"),
        rule=text(document, "event.PatternId", "pattern_id", "scenario"),
        url=text(document, "event.FalconHostLink", "falcon_host_link", limit=base.MAX_TEXT),
        first_at=moment(document, "event.ProcessStartTime", "created_timestamp", "metadata.eventCreationTime"),
        last_at=moment(document, "updated_timestamp", "metadata.eventCreationTime", "timestamp"),
        device=DeviceHints(
            names=texts(document, "event.ComputerName", "event.Hostname", "device.hostname"),
            hardware=texts(document, "event.MACAddress", "device.mac_address", "device.system_serial_number"),
            addresses=texts(document, "event.LocalIP", "device.local_ip"),
        ),
        vulnerabilities=base.cves(title, described),
        techniques=base.techniques(
            *texts(
                document,
                "event.Technique",
                "technique_id",
                "event.MitreAttack.TechniqueID",
                "mitre_attack.technique_id",
            )
        ),
        paths=base.without_parts(
            [
                _path(folder, file_name),
                *texts(
                    document, "event.ParentImageFilePath", "parent_details.filepath", "event.GrandParentImageFilePath"
                ),
            ]
        ),
        programs=tuple(
            one for one in (file_name, text(document, "event.ParentImageFileName", "parent_details.filename")) if one
        ),
        user=text(document, "event.UserName", "user_name"),
    )


def _path(folder: str, name: str) -> str:
    if not folder or not name or folder.endswith(name):
        return folder
    return folder.rstrip("\\/") + ("/" if folder.startswith("/") else "\\") + name


def _severity(document: Document) -> DetectionSeverity:
    word = base.severity_word(text(document, "event.SeverityName", "severity_name"))
    if word != "Unspecified":
        return word
    found = number(document, "event.Severity", "severity")
    if found is not None and found <= 5:  # the event stream counts from 1 (informational) to 5 (critical)
        return base.severity_number(found, low=2, medium=3, high=4)
    return base.severity_number(found, low=20, medium=40, high=60)
