"""The Weaknesses page: list, flyout and the devices of one weakness."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot import intel, inventory, matching
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import VulnerabilityDetail
from weakspot.inventory.labels import located
from weakspot.matching import MatchInterval
from weakspot.queries import devices as device_pages
from weakspot.queries import insights, intervals, unassessed
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.columns import EXPLOIT_LEVELS, Ids, Mask, Numbers, VulnerabilityColumns, arranged
from weakspot.queries.contracts import (
    AffectedSoftware,
    DeviceRow,
    ExposedDeviceRow,
    Page,
    SourceClaim,
    WeaknessDetail,
    WeaknessRow,
)
from weakspot.queries.device_weaknesses import CONFIDENCES
from weakspot.queries.lens import Lens, cut, ids_of
from weakspot.queries.rows import SEVERITIES, iso, looked_up_as, reference, weakness_rows, weaknesses_of_facts
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound
from weakspot.vocabulary.severity import ORDER

SHAPE = ListShape(
    filters={
        "severity": SEVERITIES,
        "exploit": (*EXPLOIT_LEVELS, "any"),
        "exposed": ("yes", "no", "any", "not_available"),
        "epss": ("0.001", "0.01", "0.1", "0.5", "0.9"),
        "fix": ("available", "none"),
        "software": None,
        "detection": ("active", "none"),
    },
    sorts=(
        "name",
        "severity",
        "cvss_score",
        "epss",
        "published_at",
        "updated_at",
        "exposed_devices",
        "hazard",
    ),
    default_sort="-hazard",
)
DEVICES_SHAPE = msgspec.structs.replace(
    device_pages.SHAPE, filters={**device_pages.SHAPE.filters, "confidence": CONFIDENCES}
)
WHOLE_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9:.]+){2,}")
AFFECTED_SHOWN = 100
"""Affected software versions in one flyout; ``affected_software_total`` tells how many there are."""


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[WeaknessRow]:
    """Weaknesses; by default those that some device in scope has, most hazardous first."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    ordered = select(lens, query, upto=query.end)
    return cut(ordered, query, shape=SHAPE, noun="Weaknesses", rows=lambda ids: weakness_rows(lens, ids))


def select(lens: Lens, query: ListQuery, weakly_matched: Ids | None = None, *, upto: int | None = None) -> Ids:
    """Ids of all weaknesses that a checked query lets through, in its order.

    weakly_matched: those to show though no match of the asked software that counts names them. upto: as ``arranged``.
    """
    exposed, counts = shown_counts(lens)
    which = query.filters.get("exposed") or ("yes",)
    shown = exposed if weakly_matched is None else np.union1d(exposed, weakly_matched)
    ids, columns = _candidates(lens, shown, which)
    at = columns.positions(ids)
    ids = columns.ids[at]
    if named := query.filters.get("software"):
        here = np.isin(ids, _of_software(lens, named))
        if weakly_matched is not None:
            here |= np.isin(ids, weakly_matched)
        ids, at = ids[here], at[here]
    kept = _passing(lens, columns, at, query)
    ids, at = ids[kept], at[kept]
    detection = set(query.filters.get("detection") or ())
    if len(detection) == 1:
        kept = insights.with_detection(lens, ids) == (detection == {"active"})
        ids, at = ids[kept], at[kept]
    values = _sort_values(columns, ids, at, query.sort.removeprefix("-"), (exposed, counts))
    if query.sort.removeprefix("-") == "hazard":
        values = insights.with_raises(lens, ids, values)
    return ids[arranged(values, descending=query.sort.startswith("-"), upto=upto)]


def detail(read: ReadContext, scope: Scope, name: str) -> WeaknessDetail:
    """The flyout of one weakness, by any of its names; what is affected is that of the scope. Raises NotFound."""
    lens = Lens(read, scope)
    found = _detail(lens, name)
    matches = _matches(lens, found.facts.id)
    return WeaknessDetail(
        weakness=weaknesses_of_facts(lens, {found.facts.id: found.facts})[found.facts.id],
        description=found.description,
        cvss_vector=found.facts.cvss_vector,
        cwes=list(found.cwes),
        aliases=list(found.aliases),
        references=[link.url for link in found.references],
        known_exploited_since=found.known_exploited_since,
        required_action=found.required_action,
        due_on=found.due_on,
        claims=[
            SourceClaim(
                source=claim.source,
                record_id=claim.record_id,
                relation=claim.relation,
                title=claim.title,
                severity=claim.vendor_severity or (claim.severity if claim.severity != "Unknown" else None),
                cvss_vector=claim.cvss[0].vector if claim.cvss else None,
                published_at=iso(claim.published_at),
                modified_at=iso(claim.modified_at),
                withdrawn_at=iso(claim.withdrawn_at),
                url=claim.url,
            )
            for claim in found.claims
        ],
        affected_software=_affected(lens, matches),
        affected_software_total=len(matches),
    )


def devices(read: ReadContext, scope: Scope, name: str, query: ListQuery) -> Page[ExposedDeviceRow]:
    """Devices in scope that have the weakness and no exception of it. Raises NotFound.

    ``confidence=all``: also those of which only a weak match says so; they are counted nowhere.
    """
    query = DEVICES_SHAPE.check(query)
    lens = Lens(read, scope)
    found = intel.find(read.conn, name)
    if found is None:
        raise _not_found(name)
    shown = lens.view.devices_of_vulnerability(found, scope)
    if "all" in (query.filters.get("confidence") or ()):
        shown = shown | _weakly_matched(lens, found)
    narrowed = {key: values for key, values in query.filters.items() if key != "confidence"}
    shown = shown - lens.exceptions.hidden.devices_of(found)
    page = device_pages.page_of(lens, ids_of(shown), msgspec.structs.replace(query, filters=narrowed))
    return Page(
        items=_with_lives(lens, page.items, found),
        total=page.total,
        page=page.page,
        page_size=page.page_size,
        sort=page.sort,
        described=page.described,
    )


def _with_lives(lens: Lens, rows: Sequence[DeviceRow], vulnerability_id: int) -> list[ExposedDeviceRow]:
    """Rows of devices with since when each has the vulnerability; one with a weak match only has no such time."""
    ids = {public_id: device_id for public_id, (device_id, _) in located(lens.conn, [one.id for one in rows]).items()}
    lives = intervals.lives(lens.conn, ids.values(), vulnerability_id)
    found = [(one, lives.get(ids.get(one.id, 0))) for one in rows]
    return [
        ExposedDeviceRow(
            **msgspec.structs.asdict(one),
            first_detected_at=None if life is None else to_iso(life.since),
            reopened=0 if life is None else life.reopened,
        )
        for one, life in found
    ]


def _weakly_matched(lens: Lens, vulnerability_id: int) -> BitMap:
    """Devices in scope with a software version whose match does not count."""
    weak = matching.matches_with(lens.conn, vulnerability_id)
    versions = [one.software_version_id for one in weak if one.confidence < matching.DEFAULT_THRESHOLD]
    return BitMap.union(BitMap(), *(lens.view.installed[version] for version in versions)) & lens.counted


def shown_counts(lens: Lens) -> tuple[Ids, Ids]:
    """(ids of weaknesses that apply to a device ascending, devices that are shown as exposed: to which it applies, and
    without an exception of it).
    """
    detected, counts = lens.view.vulnerability_counts(lens.scope)
    if not lens.hidden_counts:
        return detected, counts
    counts = counts.copy()
    for vulnerability, hidden in lens.hidden_counts.items():
        counts[np.searchsorted(detected, vulnerability)] -= hidden
    return lens.weaknesses, counts[np.searchsorted(detected, lens.weaknesses)]


def _candidates(lens: Lens, exposed: Ids, which: Sequence[str]) -> tuple[Ids, VulnerabilityColumns]:
    asked = set(which)
    if asked <= {"yes", "not_available"}:
        shown = exposed if "yes" in asked else np.empty(0, np.int64)
        if "not_available" in asked:
            shown = np.union1d(shown, _not_available(lens))
        return shown, lens.vulnerability_columns(shown)
    columns = lens.vulnerability_columns(None)
    if asked == {"no"}:  # 0 means that nothing is at risk
        known = np.union1d(exposed, _not_available(lens))
        return np.setdiff1d(columns.ids, known, assume_unique=True), columns
    if asked == {"no", "not_available"}:
        return np.setdiff1d(columns.ids, exposed, assume_unique=True), columns
    return columns.ids, columns


def _not_available(lens: Lens) -> Ids:
    detected, _ = lens.view.vulnerability_counts(lens.scope)
    return np.setdiff1d(unassessed.vulnerabilities(lens), detected)


def _of_software(lens: Lens, public_ids: Sequence[str]) -> Ids:
    found: list[Ids] = [np.empty(0, np.int64)]
    for public_id in public_ids:
        software_id = inventory.software_id_of(lens.conn, public_id)
        if software_id is not None:
            found.append(ids_of(lens.weaknesses_of_software(software_id)))
    return np.concatenate(found)


def _passing(lens: Lens, columns: VulnerabilityColumns, at: Ids, query: ListQuery) -> Mask:
    kept = np.ones(len(at), np.bool_)
    if severities := query.filters.get("severity"):
        kept &= np.isin(columns.severity[at], [ORDER[word] for word in severities if word in ORDER])
    if exploits := query.filters.get("exploit"):
        kept &= _exploit_mask(columns.exploit[at], exploits)
    if probabilities := query.filters.get("epss"):
        kept &= columns.epss[at] >= min(map(float, probabilities))  # NaN, not scored, is never above
    if query.search:
        text = query.search.casefold().strip()
        # An alias (GHSA of a CVE) is in no column; asked for just where the text is a whole id.
        alias = intel.find(lens.conn, text) if WHOLE_ID.fullmatch(text) else None
        kept &= columns.haystack.containing(text)[at] | (columns.ids[at] == (-1 if alias is None else alias))
    fix = set(query.filters.get("fix") or ())
    if len(fix) == 1:
        fixable = _fixable(lens, columns.ids[at[kept]])
        kept[kept] = fixable if fix == {"available"} else ~fixable
    return kept


def _exploit_mask(levels: np.ndarray[tuple[int], np.dtype[np.int8]], wanted: Sequence[str]) -> Mask:
    ranks = [EXPLOIT_LEVELS.index(word) for word in wanted if word != "any"]
    mask: Mask = np.isin(levels, ranks)
    return mask | (levels > 0) if "any" in wanted else mask


def _fixable(lens: Lens, ids: Ids) -> Mask:
    """Which vulnerabilities can be fixed on some device in scope."""
    matches = lens.memory.matches(lens.read)
    asked = matches.has_fix & np.isin(matches.vulnerability, ids)
    versions, place = np.unique(matches.version[asked], return_inverse=True)
    installed, counted = lens.view.installed, lens.counted
    here = np.fromiter((installed[one].intersect(counted) for one in versions.tolist()), np.bool_, len(versions))
    return np.isin(ids, matches.vulnerability[asked][here[place]])


def _sort_values(
    columns: VulnerabilityColumns, ids: Ids, at: Ids, sort: str, counted: tuple[Ids, Ids]
) -> Ids | Numbers:
    if sort == "name":
        return columns.name_rank[at]
    if sort == "hazard":
        return columns.hazard[at]
    if sort == "exposed_devices":
        exposed, counts = counted
        values = np.zeros(len(ids), np.int64)
        here = np.isin(ids, exposed, assume_unique=True)
        values[here] = counts[np.searchsorted(exposed, ids[here])]
        return values
    if sort == "severity":
        return columns.severity[at].astype(np.int64)
    values_by_sort = {
        "cvss_score": columns.cvss_score,
        "epss": columns.epss,
        "published_at": columns.published_at,
        "updated_at": columns.updated_at,
    }
    return values_by_sort[sort][at]


def _detail(lens: Lens, name: str) -> VulnerabilityDetail:
    found = intel.find(lens.conn, name)
    if found is None:
        raise _not_found(name)
    return intel.detail(lens.conn, found)


def _matches(lens: Lens, vulnerability_id: int) -> list[MatchInterval]:
    """Open matches of the software versions that are installed in the scope."""
    carriers = lens.view.versions_of_vulnerability(vulnerability_id).tolist()
    versions = [one for one in carriers if lens.is_version_here(one)]
    return [one for one in matching.intervals(lens.conn, versions, [vulnerability_id]) if one.until is None]


def _affected(lens: Lens, matches: Sequence[MatchInterval]) -> list[AffectedSoftware]:
    carriers = [one.software_version_id for one in matches]
    devices_of = {one: len(lens.view.devices_of_version(one, lens.scope)) for one in carriers}
    shown = sorted(matches, key=lambda one: (-devices_of[one.software_version_id], one.software_version_id))
    shown = shown[:AFFECTED_SHOWN]
    versions = inventory.software_versions(lens.conn, [one.software_version_id for one in shown])
    software = lens.memory.software(lens.read, {one.software_id for one in versions.values()})
    return [
        AffectedSoftware(
            software=reference(software[versions[one.software_version_id].software_id]),
            version=versions[one.software_version_id].version,
            source_name=versions[one.software_version_id].source_name,
            looked_up_as=looked_up_as(versions[one.software_version_id]),
            fixed_version=one.fixed_version,
            status=one.status,
            confidence=one.confidence,
            exposed_devices=devices_of[one.software_version_id],
        )
        for one in shown
    ]


def _not_found(name: str) -> NotFound:
    return NotFound(f"No weakness is known as {name[:80]!r}; check the spelling, or search for a part of it.")
