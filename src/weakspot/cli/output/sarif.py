"""SARIF 2.1.0 (OASIS): one rule a vulnerability, one result a finding; paths of evidence are not known to a scan."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot import __version__
from weakspot.workflows import AssessedFinding, Assessment

_LEVELS = {"Critical": "error", "High": "error", "Medium": "warning", "Low": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(assessment: Assessment) -> str:
    """The SARIF log, indented."""
    rules = {item.vulnerability.facts.name: _rule(item) for item in assessment.findings}
    index = {name: number for number, name in enumerate(rules)}
    driver = {
        "name": "Weakspot",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": list(rules.values()),
    }
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(assessment, item, index) for item in assessment.findings],
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode()


def _rule(item: AssessedFinding) -> dict[str, Any]:
    facts = item.vulnerability.facts
    return {
        "id": facts.name,
        "shortDescription": {"text": facts.title or facts.name},
        "fullDescription": {"text": item.vulnerability.description or facts.title or facts.name},
        "helpUri": _help(item),
        "defaultConfiguration": {"level": _LEVELS.get(facts.severity, "warning")},
        "properties": {"security-severity": f"{facts.cvss_score or 0.0:.1f}", "tags": ["security", "vulnerability"]},
    }


def _result(assessment: Assessment, item: AssessedFinding, index: dict[str, int]) -> dict[str, Any]:
    facts = item.vulnerability.facts
    fix = f"; fixed in {item.verdict.fixed_version}" if item.verdict.fixed_version else "; no fix is known yet"
    package = f"{item.software.name} {item.software.version}"
    return {
        "ruleId": facts.name,
        "ruleIndex": index[facts.name],
        "level": _LEVELS.get(facts.severity, "warning"),
        "message": {"text": f"{package} on {assessment.device.name} has {facts.name}{fix}."},
        "locations": [
            {
                "logicalLocations": [
                    {"name": package, "fullyQualifiedName": f"{item.software.type}/{package}", "kind": "package"}
                ]
            }
        ],
        "partialFingerprints": {"weakspot/v1": f"{facts.name}|{item.software.type}|{item.software.name}"},
        "properties": {
            "confidence": item.verdict.confidence,
            "status": item.verdict.status,
            "source": item.verdict.source,
        },
    }


def _help(item: AssessedFinding) -> str:
    for reference in item.vulnerability.references:
        if reference.url.startswith("https://"):
            return reference.url
    return f"https://www.cve.org/CVERecord?id={item.vulnerability.facts.name}"
