"""Assess an inventory without recording it: what ``weakspot scan`` and ``weakspot match`` do, with no server."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel, matching
from weakspot.intel.contracts import VulnerabilityDetail, VulnerabilityFacts
from weakspot.inventory import software_version_of, with_running_kernel, with_updates
from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, SoftwareVersion
from weakspot.inventory.protocols import RefusedRecord
from weakspot.matching.contracts import MissingUpdate, Verdict


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
    missing_updates: list[MissingUpdate] = []
    refused: tuple[RefusedRecord, ...] = ()
    notes: tuple[str, ...] = ()


class Assessor:
    """Assesses inventories by one snapshot of the knowledge; what it read of it for one it keeps for the next."""

    def __init__(self, conn: Connection, *, threshold: int, is_brief: bool = False) -> None:
        """threshold: 0-100; verdicts with less confidence are left out. is_brief: of vulnerabilities only the facts and
        aliases are read, all at once; the rest of the detail is empty.
        """
        self._conn = conn
        self._threshold = threshold
        self._is_brief = is_brief
        self._details: dict[int, VulnerabilityDetail] = {}

    def assess(self, device: DescribedDevice, items: Sequence[InstalledSoftware]) -> Assessment:
        """Judge each distinct software version of an inventory; nothing is written."""
        prepared = with_running_kernel(with_updates(items), device)
        versions = {i: software_version_of(i, item, device) for i, item in enumerate(prepared, start=1)}
        _, verdicts, reasons = matching.assess(self._conn, list(versions.values()))
        kept = [verdict for verdict in verdicts if verdict.confidence >= self._threshold]
        self._read({verdict.vulnerability_id for verdict in kept})
        findings = [
            AssessedFinding(
                software=versions[verdict.software_version_id],
                verdict=verdict,
                vulnerability=self._details[verdict.vulnerability_id],
            )
            for verdict in kept
        ]
        findings.sort(key=lambda f: (f.vulnerability.facts.name, f.software.name, f.software.version))
        return Assessment(
            device=device,
            knowledge_version=intel.current_version(self._conn),
            findings=findings,
            not_assessed=[(versions[i], reason) for i, reason in sorted(reasons.items())],
            missing_updates=matching.missing_updates(self._conn, device, items),
        )

    def _read(self, ids: set[int]) -> None:
        missing = ids - self._details.keys()
        if not missing:
            return
        if not self._is_brief:
            self._details.update({i: intel.detail(self._conn, i) for i in missing})
            return
        names = intel.names(self._conn, missing)
        for vulnerability_id, facts in intel.facts(self._conn, missing).items():
            aliases = tuple(name for name in names.get(vulnerability_id, ()) if name != facts.name)
            self._details[vulnerability_id] = _brief(facts, aliases)


def _brief(facts: VulnerabilityFacts, aliases: tuple[str, ...]) -> VulnerabilityDetail:
    return VulnerabilityDetail(
        facts=facts,
        description="",
        aliases=aliases,
        references=(),
        cwes=(),
        mitigations=(),
        decision_points={},
        is_disputed=False,
        known_exploited_since=None,
        required_action=None,
        due_on=None,
        evidence=(),
        claims=(),
    )


def assess(
    conn: Connection, device: DescribedDevice, items: Sequence[InstalledSoftware], *, threshold: int
) -> Assessment:
    """``Assessor`` for one inventory."""
    return Assessor(conn, threshold=threshold).assess(device, items)
