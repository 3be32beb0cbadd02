"""The JSON document of ``weakspot scan`` and ``weakspot match`` (docs/cli.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot.workflows import AssessedFinding, Assessment


def render(assessment: Assessment) -> str:
    """The document, indented."""
    return msgspec.json.format(msgspec.json.encode(build(assessment)), indent=2).decode()


def render_line(assessment: Assessment) -> str:
    """The document on one line."""
    return msgspec.json.encode(build(assessment)).decode()


def build(assessment: Assessment) -> dict[str, Any]:
    """The document as plain data."""
    return {
        "device": device(assessment),
        "knowledge_version": assessment.knowledge_version,
        "findings": [finding(item) for item in assessment.findings],
        "missing_updates": [
            {"id": update.id, "name": update.name, "cves": update.cves} for update in assessment.missing_updates
        ],
        "not_assessed": [
            *(
                {"software": version.name, "version": version.version, "reason": reason}
                for version, reason in assessment.not_assessed
            ),
            *(
                {"software": record.name, "version": record.version, "reason": f"it {record.reason}"}
                for record in assessment.refused
            ),
        ],
        "notes": assessment.notes,
    }


def device(assessment: Assessment) -> dict[str, str]:
    """Name and operating system of the device."""
    described = assessment.device
    return {
        "name": described.name,
        "os_platform": described.os.platform,
        "os_distribution": described.os.distribution,
        "os_version": described.os.version,
    }


def finding(item: AssessedFinding) -> dict[str, Any]:
    """One finding, flat."""
    facts = item.vulnerability.facts
    return {
        "software": item.software.name,
        "version": item.software.version,
        "type": item.software.type,
        "source_name": item.software.source_name,
        "vulnerability": facts.name,
        "aliases": sorted(set(item.vulnerability.aliases) - {facts.name}),
        "severity": facts.severity,
        "cvss_score": facts.cvss_score,
        "epss": facts.epss,
        "is_known_exploited": facts.is_known_exploited,
        "fixed_version": item.verdict.fixed_version,
        "source": item.verdict.source,
        "method": item.verdict.method,
        "confidence": item.verdict.confidence,
        "status": item.verdict.status,
    }
