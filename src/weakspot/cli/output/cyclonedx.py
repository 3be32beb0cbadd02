"""CycloneDX 1.6: the installed software as components and the findings as vulnerabilities with their ratings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
from packageurl import PackageURL

from weakspot import __version__
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.workflows import AssessedFinding, Assessment

_METHODS = {"2.0": "CVSSv2", "3.0": "CVSSv3", "3.1": "CVSSv31", "4.0": "CVSSv4"}
_PURL_TYPES = {
    "dpkg": "deb", "rpm": "rpm", "apk": "apk", "pypi": "pypi", "npm": "npm", "gem": "gem", "maven": "maven",
    "go": "golang", "cargo": "cargo", "nuget": "nuget", "composer": "composer", "hex": "hex", "pub": "pub",
    "cran": "cran", "hackage": "hackage",
}  # fmt: skip


def render(assessment: Assessment) -> str:
    """The bill of materials, indented. Components are those with findings and those that could not be assessed."""
    versions = {item.software.id: item.software for item in assessment.findings}
    versions |= {version.id: version for version, _ in assessment.not_assessed}
    distribution = assessment.device.os.distribution
    grouped: dict[str, list[AssessedFinding]] = defaultdict(list)
    for item in assessment.findings:
        grouped[item.vulnerability.facts.name].append(item)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "weakspot", "version": __version__}]},
            "component": {"type": "device", "name": assessment.device.name, "bom-ref": "device"},
        },
        "components": [_component(version, distribution) for version in versions.values()],
        "vulnerabilities": [_vulnerability(items) for items in grouped.values()],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _component(version: SoftwareVersion, distribution: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library" if version.type in ("pypi", "npm", "maven", "gem", "go", "cargo") else "application",
        "bom-ref": _ref(version),
        "name": version.name,
        "version": version.version,
    }
    kind = _PURL_TYPES.get(version.type)
    if kind is not None:
        namespace = distribution if version.platform else None
        qualifiers = {"arch": version.architecture} if version.architecture else None
        component["purl"] = PackageURL(kind, namespace, version.name, version.version, qualifiers).to_string()
    return component


def _vulnerability(items: list[AssessedFinding]) -> dict[str, Any]:
    facts = items[0].vulnerability.facts
    rating: dict[str, Any] = {"severity": facts.severity.lower()}
    if facts.cvss_score is not None:
        rating["score"] = facts.cvss_score
    if facts.cvss_vector:
        rating["vector"] = facts.cvss_vector
        rating["method"] = _METHODS.get(facts.cvss_vector.partition("/")[0].removeprefix("CVSS:"), "CVSSv2")
    found: dict[str, Any] = {
        "id": facts.name,
        "source": {"name": items[0].verdict.source},
        "ratings": [rating],
        "description": items[0].vulnerability.description or facts.title,
        "affects": [{"ref": _ref(item.software)} for item in items],
    }
    fixed = sorted({f"{i.software.name} {i.verdict.fixed_version}" for i in items if i.verdict.fixed_version})
    if fixed:
        found["recommendation"] = "Update to: " + ", ".join(fixed)
    return found


def _ref(version: SoftwareVersion) -> str:
    return f"{version.type}/{version.name}@{version.version}#{version.id}"
