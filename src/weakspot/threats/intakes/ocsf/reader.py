"""OCSF 1.x, class Detection Finding (2004) and Security Finding (2001): fields by their names in the schema."""

from __future__ import annotations

from weakspot.threats.contracts import DetectionSeverity, DetectionStatus, DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, number, text, texts

_SEVERITIES: dict[int, DetectionSeverity] = {
    1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "High", 6: "High",
}  # fmt: skip
_STATUSES: dict[int, DetectionStatus] = {
    1: "new",
    2: "in_progress",
    3: "resolved",
    4: "resolved",
    5: "resolved",
    6: "resolved",
}
_CLOSE = 3
"""activity_id Close."""


def read(document: Document) -> Observed | None:
    """One finding; other classes of event are none."""
    if int(number(document, "class_uid") or 0) not in (2001, 2004):
        return None
    source_id = text(document, "finding_info.uid", "finding.uid", "metadata.uid")
    return Observed(
        source_id=base.needed(source_id, "finding_info.uid", "finding_info.uid"),
        title=text(document, "finding_info.title", "finding.title", "message") or "Detection finding",
        product=text(document, "metadata.product.name", "metadata.product.vendor_name") or "OCSF",
        severity=_severity(document),
        status=_status(document),
        description=text(document, "finding_info.desc", "finding.desc", "message", limit=base.MAX_TEXT),
        category=text(document, "finding_info.types", "category_name"),
        rule=text(document, "finding_info.analytic.name", "analytic.name"),
        url=text(document, "finding_info.src_url", "finding.src_url", limit=base.MAX_TEXT),
        first_at=moment(document, "finding_info.first_seen_time", "finding_info.created_time", "time"),
        last_at=moment(document, "finding_info.last_seen_time", "finding_info.modified_time", "time"),
        device=DeviceHints(
            ids=texts(document, "device.uid", "device.uid_alt"),
            names=texts(document, "device.hostname", "device.name", "resources.name"),
            hardware=texts(document, "device.hw_info.serial_number", "device.instance_uid", "device.mac"),
            addresses=texts(document, "device.ip", "device.network_interfaces.ip"),
        ),
        vulnerabilities=_vulnerabilities(document),
        techniques=base.techniques(
            *texts(
                document,
                "attacks.technique.uid",
                "finding_info.attacks.technique.uid",
                "attacks.sub_technique.uid",
                "finding_info.attacks.sub_technique.uid",
            )
        ),
        paths=base.without_parts(
            texts(
                document,
                "evidences.process.file.path",
                "evidences.file.path",
                "evidences.actor.process.file.path",
                "evidences.process.parent_process.file.path",
                "process.file.path",
                "actor.process.file.path",
            )
        ),
        programs=texts(document, "evidences.process.name", "evidences.actor.process.name", "process.name"),
        user=text(document, "evidences.actor.user.name", "evidences.user.name", "actor.user.name"),
    )


def _severity(document: Document) -> DetectionSeverity:
    known = number(document, "severity_id")
    found = None if known is None else _SEVERITIES.get(int(known))
    return found or base.severity_word(text(document, "severity"))


def _status(document: Document) -> DetectionStatus:
    if number(document, "activity_id") == _CLOSE:
        return "resolved"
    known = number(document, "status_id")
    found = None if known is None else _STATUSES.get(int(known))
    return found or base.status_word(text(document, "status"))


def _vulnerabilities(document: Document) -> tuple[str, ...]:
    named = texts(document, "vulnerabilities.cve.uid", "vulnerabilities.cves.uid", "vulnerabilities.uid")
    written = base.cves(*texts(document, "finding_info.title", "finding_info.desc", "message", limit=base.MAX_TEXT))
    return tuple(dict.fromkeys((*named, *written)))
