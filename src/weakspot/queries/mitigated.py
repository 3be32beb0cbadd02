"""The list of alternate mitigations that people say are applied: where, how it is known, for how many devices.

A statement holds for the devices of its group that are exposed now; when all of them have the fix, it is over.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import msgspec
from pyroaring import BitMap

from weakspot import intel, recommendations, remediation
from weakspot.access.contracts import Scope
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import natural, search_form
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens
from weakspot.queries.rows import iso
from weakspot.remediation import Mitigated
from weakspot.runtime.clock import to_iso

MitigationState = Literal["applied", "over", "withdrawn"]
MitigationKind = Literal["workaround", "mitigation", "required_action"]
SHAPE = ListShape(
    filters={"state": get_args(MitigationState), "kind": get_args(MitigationKind), "recommendation": None},
    sorts=("stated_at", "devices", "title", "group", "weakness"),
    default_sort="-stated_at",
)
_TEXT = 300


class MitigationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. ``devices``: of ``group_devices`` that are exposed in its group now, those that it holds for.

    state: applied to devices that are exposed; over, when none is left; withdrawn, by whom and when. title is empty
    where nothing is recommended any more, text where its source says something else by now.
    """

    id: int
    recommendation_id: str
    title: str
    weakness: str
    kind: MitigationKind
    text: str
    state: MitigationState
    group_id: int
    group_name: str
    devices: int
    group_devices: int
    evidence: str
    stated_by: str
    stated_at: str
    withdrawn_by: str | None
    withdrawn_at: str | None


class _Listed(msgspec.Struct, frozen=True):
    said: Mitigated
    title: str
    devices: int
    group_devices: int

    @property
    def state(self) -> MitigationState:
        if self.said.withdrawn_at is not None:
            return "withdrawn"
        return "applied" if self.devices else "over"


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[MitigationRow]:
    """Statements about device groups of the scope, withdrawn ones included; newest first."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    items = [one for one in _listed(lens) if _passes(lens, one, query)]
    keys = {
        "stated_at": lambda one: one.said.stated_at,
        "devices": lambda one: one.devices,
        "title": lambda one: natural(one.title),
        "group": lambda one: natural(_group(lens, one)),
        "weakness": lambda one: natural(one.said.weakness),
    }
    return paged(
        items,
        query,
        shape=SHAPE,
        noun="Mitigations",
        key=keys[query.sort.removeprefix("-")],
        tie=lambda one: -one.said.id,
        rows=lambda chosen: [_row(lens, one) for one in chosen],
    )


def _listed(lens: Lens) -> list[_Listed]:
    catalogue = recommendations.current(lens.conn, lens.read.fleet)
    today = to_iso(lens.now)[:10]

    @cache
    def exposed(recommendation_id: str) -> tuple[str, BitMap]:
        made = recommendations.recommendation(catalogue, lens.view, lens.scope, today, recommendation_id)
        if made is None:
            return "", BitMap()
        return made.title, lens.view.devices_of_versions(made.exposed, lens.scope)

    @cache
    def weak(name: str) -> BitMap:
        found = intel.find(lens.conn, name)
        return BitMap() if found is None else lens.view.devices_of_vulnerability(found, lens.scope)

    known = []
    for said in remediation.listed_mitigated(lens.conn):
        if not lens.scope.includes(said.device_group_id):
            continue
        title, devices = exposed(said.recommendation_id)
        inside = devices & lens.view.population.members_of([said.device_group_id])
        holds = 0 if said.withdrawn_at is not None else inside.intersection_cardinality(weak(said.weakness))
        known.append(_Listed(said, title, holds, len(inside)))
    return known


def _passes(lens: Lens, one: _Listed, query: ListQuery) -> bool:
    filters, said = query.filters, one.said
    text = search_form(query.search)
    return (
        one.state in (filters.get("state") or get_args(MitigationState))
        and said.kind in (filters.get("kind") or get_args(MitigationKind))
        and said.recommendation_id in (filters.get("recommendation") or (said.recommendation_id,))
        and (not text or text in search_form(f"{one.title} {said.weakness} {_group(lens, one)} {said.evidence}"))
    )


def _group(lens: Lens, one: _Listed) -> str:
    return lens.group_names.get(one.said.device_group_id, "")


def _row(lens: Lens, one: _Listed) -> MitigationRow:
    said = one.said
    return MitigationRow(
        id=said.id,
        recommendation_id=said.recommendation_id,
        title=one.title,
        weakness=said.weakness,
        kind=said.kind,  # type: ignore[arg-type]
        text=_text(lens, said),
        state=one.state,
        group_id=said.device_group_id,
        group_name=_group(lens, one),
        devices=one.devices,
        group_devices=one.group_devices,
        evidence=said.evidence,
        stated_by=_name(said.stated_by),
        stated_at=to_iso(said.stated_at),
        withdrawn_by=None if said.withdrawn_by is None else _name(said.withdrawn_by),
        withdrawn_at=iso(said.withdrawn_at),
    )


def _text(lens: Lens, said: Mitigated) -> str:
    """What its source says; statements keep its id only."""
    found = intel.find(lens.conn, said.weakness)
    known = () if found is None else intel.detail(lens.conn, found).mitigations
    same = (one for one in known if remediation.mitigation_id(said.weakness, one.kind, one.text) == said.mitigation_id)
    return next((one.text[:_TEXT] for one in same), "")


def _name(author: str) -> str:
    return author.partition(":")[2].partition(":")[2]
