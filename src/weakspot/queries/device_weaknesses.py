"""The tab of a device with its weaknesses, those that hold and those that ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from weakspot import inventory, matching
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import Software
from weakspot.queries import explanation_words as words
from weakspot.queries import findings as finding_rules
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import VulnerabilityColumns, natural
from weakspot.queries.contracts import FindingRow, Page
from weakspot.queries.findings import Finding
from weakspot.queries.lens import Lens, find_device
from weakspot.queries.rows import SEVERITIES, iso, looked_up_as, reference, weaknesses_by_id
from weakspot.runtime.clock import to_iso
from weakspot.vocabulary.severity import ORDER

CONFIDENCES = ("default", "all")
"""Which matches to show: those that count, or weak ones too."""
SHAPE = ListShape(
    filters={"severity": SEVERITIES, "state": ("open", "closed"), "confidence": CONFIDENCES},
    sorts=("name", "severity", "cvss_score", "epss", "software", "first_detected_at", "fixed_at", "hazard"),
    default_sort="-hazard",
)


class _Listing:
    """Findings of one device with what they are filtered and sorted by."""

    def __init__(self, lens: Lens, findings: Sequence[Finding]) -> None:
        ids = np.unique(np.array([one.vulnerability_id for one in findings], np.int64))
        self.columns: VulnerabilityColumns = lens.vulnerability_columns(ids)
        at = self.columns.positions(ids)
        self._place = dict(zip(self.columns.ids[at].tolist(), at.tolist(), strict=True))
        self.findings = [one for one in findings if one.vulnerability_id in self._place]
        self.software: Mapping[int, Software] = lens.memory.software(lens.read, {one.software_id for one in findings})

    def passes(self, one: Finding, query: ListQuery) -> bool:
        """Whether severity and search let the finding through."""
        at = self._place[one.vulnerability_id]
        wanted = {ORDER[word] for word in SEVERITIES if word in (query.filters.get("severity") or SEVERITIES)}
        text = query.search.casefold().strip()
        is_found = text in self.columns.texts[at] or text in self.software[one.software_id].name.casefold()
        return is_found and int(self.columns.severity[at]) in wanted

    def key(self, one: Finding, sort: str) -> object:
        """The value to sort by; None: not known."""
        at = self._place[one.vulnerability_id]
        match sort:
            case "name":
                return natural(self.columns.names[at])
            case "software":
                return natural(self.software[one.software_id].name)
            case "first_detected_at":
                return one.since
            case "fixed_at":
                return one.until
            case _:
                value = getattr(self.columns, sort)[at]
                return None if np.isnan(value) else value.item()

    def tie(self, one: Finding) -> object:
        """What makes the order total."""
        return natural(self.columns.names[self._place[one.vulnerability_id]]), one.software_id


def weaknesses(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[FindingRow]:
    """Findings of a device: (software, vulnerability), that hold now or (``state=closed``) that ended.

    Raises NotFound.
    """
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    states = set(query.filters.get("state") or ("open",))
    found = finding_rules.of_device(lens, device.id)
    if "all" in (query.filters.get("confidence") or ()):
        found += _weak(lens, device.id, found)
    listing = _Listing(lens, [one for one in found if one.state in states])
    return paged(
        [one for one in listing.findings if listing.passes(one, query)],
        query,
        shape=SHAPE,
        noun="Weaknesses",
        key=lambda one: listing.key(one, query.sort.removeprefix("-")),
        tie=listing.tie,
        rows=lambda chosen: _rows(lens, device.id, chosen, listing.software),
    )


def _weak(lens: Lens, device_id: int, counted: Sequence[Finding]) -> list[Finding]:
    """Findings that do not count, where none that counts is about the same."""
    known = {(one.software_id, one.vulnerability_id) for one in counted if one.state == "open"}
    weak = finding_rules.of_device(lens, device_id, is_weak=True)
    return [one for one in weak if (one.software_id, one.vulnerability_id) not in known]


def _why_weak(lens: Lens, findings: Sequence[Finding]) -> dict[int, str]:
    """Id of a finding object -> why it does not count; read for the rows of a page only."""
    weak = [one for one in findings if one.match.confidence < matching.DEFAULT_THRESHOLD]
    evidence = {
        (match.software_version_id, match.vulnerability_id, match.since): match.evidence
        for vulnerability_id in {one.vulnerability_id for one in weak}
        for match in matching.matches_between(
            lens.conn, {one.match.software_version_id for one in weak}, vulnerability_id, open_only=False
        )
    }
    return {
        id(one): matching.why_weak(
            one.match.method,
            one.match.status,
            evidence.get((one.match.software_version_id, one.vulnerability_id, one.match.since), ()),
        )
        for one in weak
    }


def _inapplicable(lens: Lens, device_id: int, findings: Sequence[Finding]) -> dict[int, str]:
    """Id of a finding object that holds -> the part of the system that is off, so that it does not apply."""
    off = {
        id(one): lens.exceptions.missing_feature(device_id, one.vulnerability_id, one.match.software_version_id)
        for one in findings
        if one.until is None
    }
    return {one: words.does_not_apply(feature) for one, feature in off.items() if feature is not None}


def _rows(
    lens: Lens, device_id: int, findings: Sequence[Finding], software: Mapping[int, Software]
) -> list[FindingRow]:
    weakness_of = weaknesses_by_id(lens, {one.vulnerability_id for one in findings})
    versions = inventory.software_versions(lens.conn, {one.match.software_version_id for one in findings})
    why_not = _why_weak(lens, findings) | _inapplicable(lens, device_id, findings)
    return [
        FindingRow(
            weakness=weakness_of[one.vulnerability_id],
            software=reference(software[one.software_id]),
            version=versions[one.match.software_version_id].version,
            source_name=versions[one.match.software_version_id].source_name,
            looked_up_as=looked_up_as(versions[one.match.software_version_id]),
            fixed_version=one.match.fixed_version,
            status=one.match.status,
            source=one.match.source,
            method=one.match.method,
            confidence=one.match.confidence,
            first_detected_at=to_iso(one.since),
            reopened=one.reopened,
            fixed_at=iso(one.until),
            is_counted=id(one) not in why_not,
            weak_because=why_not.get(id(one), ""),
        )
        for one in findings
        if one.vulnerability_id in weakness_of
    ]
