"""SSVC: what to do about a vulnerability in each device group, by CISA's tree and the deployer's, with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from pyroaring import BitMap

from weakspot import intel
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.queries import insights, weaknesses
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens
from weakspot.runtime.errors import NotFound
from weakspot.threats import ssvc
from weakspot.threats.ssvc import CISA, DEPLOYER, CisaDecision, DeployerDecision, Facts, Level, Surroundings

SHAPE = ListShape(
    filters={"cisa": CISA, "deployer": DEPLOYER, "severity": weaknesses.SHAPE.filters["severity"]},
    sorts=("hazard", "name", "exposed_devices"),
    default_sort="-hazard",
)
_AT_ONCE = 2_000
_WORST: tuple[tuple[str, str, Level], ...] = (
    ("criticality", "Very high", "very high"),
    ("criticality", "High", "high"),
    ("criticality", "Medium", "medium"),
    ("criticality", "Low", "low"),
)
_VALUES: tuple[tuple[int, Level], ...] = ((2, "high"), (0, "low"))
"""Position in the fleet's device values -> level; Normal says nothing."""


class DecisionPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the trees. ``is_assumed``: nobody said it; it follows from what else is known."""

    name: str
    value: str
    reason: str
    is_assumed: bool


class SsvcRow(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions about one vulnerability in one device group."""

    vulnerability: str
    group_id: int
    group_name: str
    exposed_devices: int
    cisa: CisaDecision
    deployer: DeployerDecision
    exploitation: str
    automatable: str
    technical_impact: str
    mission: str
    exposure: str
    human_impact: str


class SsvcDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A row with the reasons of its points."""

    row: SsvcRow
    points: list[DecisionPoint]


def of_vulnerability(read: ReadContext, scope: Scope, name: str) -> list[SsvcDetail]:
    """The decisions about one vulnerability, for every group of the scope that has exposed devices. Raises NotFound."""
    lens = Lens(read, scope)
    found = intel.find(lens.conn, name)
    if found is None:
        raise NotFound(f"No weakness is known as {name[:80]!r}; check the spelling, or search for a part of it.")
    facts = intel.facts(lens.conn, [found])
    return [
        SsvcDetail(
            row=row,
            points=[
                DecisionPoint(name=p.name, value=p.value, reason=p.reason, is_assumed=p.is_assumed)
                for p in decided.points
            ],
        )
        for row, decided in _decided(lens, facts, [found])
    ]


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[SsvcRow]:
    """One row a vulnerability and device group, in the order of the weaknesses; also the export."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    severity = {"severity": query.filters["severity"]} if "severity" in query.filters else {}
    ordered = weaknesses.select(lens, ListQuery(filters=severity, sort=query.sort)).tolist()
    wanted = {name: set(query.filters.get(name) or ()) for name in ("cisa", "deployer")}
    start = (query.page - 1) * query.page_size
    rows: list[SsvcRow] = []
    for at in range(0, len(ordered), _AT_ONCE):
        some = ordered[at : at + _AT_ONCE]
        rows += [row for row, _ in _decided(lens, intel.facts(lens.conn, some), some) if _passes(row, wanted)]
    return Page(
        items=rows[start : start + query.page_size],
        total=len(rows),
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        described=SHAPE.describe("Decisions", query),
    )


def _passes(row: SsvcRow, wanted: Mapping[str, set[str]]) -> bool:
    return (not wanted["cisa"] or row.cisa in wanted["cisa"]) and (
        not wanted["deployer"] or row.deployer in wanted["deployer"]
    )


def _decided(
    lens: Lens, facts: Mapping[int, VulnerabilityFacts], ids: Sequence[int]
) -> Iterable[tuple[SsvcRow, ssvc.Decided]]:
    points = intel.decision_points(lens.conn, ids)
    groups = _groups(lens)
    for one in ids:
        if one not in facts:
            continue
        detected = insights.detected_devices(lens, one)
        exposed = lens.view.devices_of_vulnerability(one, lens.scope)
        known = _facts(facts[one], points.get(one, {}))
        for group_id, members in groups:
            devices = exposed & members
            if devices:
                decided = ssvc.decide(known, _surroundings(lens, devices, bool(devices & detected)))
                yield _row(lens, facts[one].name, group_id, len(devices), decided), decided


def _groups(lens: Lens) -> list[tuple[int, BitMap]]:
    population = lens.view.population
    return [
        (group, members)
        for group, members in zip(population.group_ids, population.members[1:], strict=True)
        if lens.scope.includes(group) and members
    ]


def _facts(facts: VulnerabilityFacts, points: Mapping[str, str]) -> Facts:
    return Facts(
        points={name.lower(): value.lower() for name, value in points.items()},
        cvss_vector=facts.cvss_vector,
        exploit_level=facts.exploit_level,
        is_known_exploited=facts.is_known_exploited,
    )


def _surroundings(lens: Lens, devices: BitMap, is_detected: bool) -> Surroundings:
    labels = lens.view.labels
    worst = next((level for kind, name, level in _WORST if devices.intersect(labels.get((kind, name), BitMap()))), None)
    if worst is None:
        values = lens.view.population.values
        worst = next((level for place, level in _VALUES if devices.intersect(values[place])), None)
    facing, hidden = (labels.get(("internet_facing", word), BitMap()) for word in ("yes", "no"))
    is_facing = True if devices.intersect(facing) else False if devices <= hidden else None
    return Surroundings(is_detected=is_detected, worst=worst, internet_facing=is_facing)


def _row(lens: Lens, name: str, group_id: int, devices: int, decided: ssvc.Decided) -> SsvcRow:
    values = [point.value for point in decided.points]
    return SsvcRow(
        vulnerability=name,
        group_id=group_id,
        group_name=lens.group_names.get(group_id, ""),
        exposed_devices=devices,
        cisa=decided.cisa,
        deployer=decided.deployer,
        exploitation=values[0],
        automatable=values[1],
        technical_impact=values[2],
        mission=values[3],
        exposure=values[4],
        human_impact=values[5],
    )
