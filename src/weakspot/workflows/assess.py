"""Assess an inventory without recording it: what ``weakspot scan`` and ``weakspot match`` do, with no server."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel, matching
from weakspot.intel.contracts import VulnerabilityDetail
from weakspot.inventory import software_version_of, with_updates
from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, SoftwareVersion
from weakspot.matching.contracts import Verdict


class AssessedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with the software that it is about and the merged record of the vulnerability."""

    software: SoftwareVersion
    verdict: Verdict
    vulnerability: VulnerabilityDetail


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said about an inventory, and what cannot be."""

    device: DescribedDevice
    knowledge_version: int
    findings: list[AssessedFinding]
    not_assessed: list[tuple[SoftwareVersion, str]]


def assess(
    conn: Connection, device: DescribedDevice, items: Sequence[InstalledSoftware], *, threshold: int
) -> Assessment:
    """Judge each distinct software version of an inventory; nothing is written.

    threshold: 0-100; verdicts with less confidence are left out.
    """
    versions = {i: software_version_of(i, item, device) for i, item in enumerate(with_updates(items), start=1)}
    _, verdicts, reasons = matching.assess(conn, list(versions.values()))
    kept = [verdict for verdict in verdicts if verdict.confidence >= threshold]
    details = {i: intel.detail(conn, i) for i in {verdict.vulnerability_id for verdict in kept}}
    findings = [
        AssessedFinding(software=versions[v.software_version_id], verdict=v, vulnerability=details[v.vulnerability_id])
        for v in kept
    ]
    findings.sort(key=lambda f: (f.vulnerability.facts.name, f.software.name, f.software.version))
    return Assessment(
        device=device,
        knowledge_version=intel.current_version(conn),
        findings=findings,
        not_assessed=[(versions[i], reason) for i, reason in sorted(reasons.items())],
    )
