"""Microsoft's alerts: ``microsoft.graph.security.alert`` (alerts_v2) and the alert of the Defender for Endpoint API,
whose shape is also that of our own compatible API (spec: docs/compatible-api.md).
"""

from __future__ import annotations

from weakspot.threats.contracts import DetectionStatus, DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, text, texts


def read(document: Document) -> Observed | None:
    """One alert of either API."""
    source_id = base.needed(text(document, "id", "alertId", "AlertId"), "id", "id")
    title = text(document, "title", "Title") or source_id
    described = text(document, "description", "Description", limit=base.MAX_TEXT)
    names = texts(
        document, "computerDnsName", "evidence.deviceDnsName", "evidence.hostName", "DeviceName", "evidence.deviceName"
    )
    return Observed(
        source_id=source_id,
        title=title,
        product=text(document, "serviceSource", "detectionSource", "ServiceSource") or "Microsoft Defender",
        severity=base.severity_word(text(document, "severity", "Severity")),
        status=_status(text(document, "status", "Status")),
        description=described,
        category=text(document, "category", "Category"),
        rule=text(document, "detectorId", "DetectorId"),
        url=text(document, "alertWebUrl", limit=base.MAX_TEXT),
        first_at=moment(document, "firstActivityDateTime", "firstEventTime", "createdDateTime", "alertCreationTime"),
        last_at=moment(document, "lastActivityDateTime", "lastEventTime", "lastUpdateDateTime", "lastUpdateTime"),
        device=DeviceHints(
            ids=texts(document, "machineId", "evidence.mdeDeviceId", "DeviceId"),
            names=names,
            hardware=texts(document, "evidence.azureAdDeviceId"),
            addresses=texts(document, "evidence.lastIpAddress"),
        ),
        vulnerabilities=base.cves(title, described, text(document, "threatDisplayName", "threatName")),
        techniques=base.techniques(*texts(document, "mitreTechniques", "AttackTechniques")),
        paths=base.without_parts(_paths(document)),
        programs=texts(
            document,
            "evidence.imageFile.fileName",
            "evidence.fileDetails.fileName",
            "evidence.fileName",
            "evidence.parentProcessImageFile.fileName",
            "evidence.parentProcessFileName",
        ),
        user=text(document, "evidence.userAccount.accountName", "evidence.accountName", "relatedUser.userName"),
    )


def _status(word: str) -> DetectionStatus:
    # Graph also writes unknownFutureValue; the older API UnSpecified.
    return base.status_word(word)


def _paths(document: Document) -> list[str]:
    """Folder and file are apart in both APIs."""
    found: list[str] = []
    for place, folder, name in (
        ("evidence.imageFile", "filePath", "fileName"),
        ("evidence.fileDetails", "filePath", "fileName"),
        ("evidence", "filePath", "fileName"),
        ("evidence.parentProcessImageFile", "filePath", "fileName"),
        ("evidence", "parentProcessFilePath", "parentProcessFileName"),
    ):
        for entity in base.dig(document, place):
            some = entity if isinstance(entity, list) else [entity]
            found += [_joined(text(one, folder), text(one, name)) for one in some if isinstance(one, dict)]
    return [one for one in found if one]


def _joined(folder: str, name: str) -> str:
    if not folder or folder.lower().endswith(("\\" + name.lower(), "/" + name.lower())):
        return folder
    return folder.rstrip("\\/") + ("/" if folder.startswith("/") else "\\") + name
