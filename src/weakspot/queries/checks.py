"""The Checks page: the list, one check, its devices, and the checks of one device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, get_args

from pyroaring import BitMap

from weakspot import posture, recommendations, remediation, scoring
from weakspot.access.contracts import Scope
from weakspot.inventory import settings
from weakspot.posture import Category, Check, CheckDecision, Evaluation, Platform, Result
from weakspot.queries import devices as device_pages
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.check_contracts import CheckDetail, CheckRow, CheckValueRow, DeviceCheckRow
from weakspot.queries.columns import natural, search_form
from weakspot.queries.contracts import DeviceRow, ExceptionStatus, Page
from weakspot.queries.lens import Lens, find_device, ids_of
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound
from weakspot.scoring import CheckCounts, CheckState

Assessed = Literal["non_compliant", "compliant", "unknown"]
SHAPE = ListShape(
    filters={
        "category": get_args(Category),
        "platform": get_args(Platform),
        "assessed_as": get_args(Assessed),
        "status": get_args(ExceptionStatus),
        "enabled": ("yes", "no"),
    },
    sorts=(
        "title",
        "category",
        "impact",
        "exposed_devices",
        "unknown_devices",
        "exposed_devices_after_exceptions",
        "secure_score_impact",
    ),
    default_sort="-secure_score_impact",
)
VALUES_SHOWN = 50


class CheckReader:
    """The checks of one scope at one moment."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.evaluation: Evaluation = posture.current(lens.conn)
        self.states: Mapping[str, CheckState] = scoring.check_states(lens.view, self.evaluation)

    @cached_property
    def excepted(self) -> Mapping[str, BitMap]:
        """Check id -> devices under a score-reducing exception, in all groups."""
        return recommendations.excepted_by_check(self.lens.exceptions)

    @cached_property
    def activities(self) -> dict[str, int]:
        """Remediation activities by recommendation."""
        return remediation.counts(self.lens.conn)

    def one(self, check_id: str) -> CheckState:
        """State of one check. Raises NotFound."""
        return self.states[posture.check(check_id).id]

    def of_recommendation(self, ident: str) -> CheckState:
        """State of the check that a recommendation is about. Raises NotFound."""
        return self.one(recommendations.check_of(ident) or ident)

    def exposed(self, state: CheckState) -> BitMap:
        """Devices in scope that do not comply; the caller's own."""
        return state.non_compliant & self.lens.counted

    def exposed_after(self, state: CheckState) -> BitMap:
        """The same without those under a score-reducing exception."""
        return self.exposed(state) - self.excepted.get(state.check.id, BitMap())

    @cached_property
    def counts(self) -> Mapping[str, CheckCounts]:
        """Numbers of devices of the scope by check."""
        return scoring.check_counts(self.lens.view, self.states, self.lens.scope)

    def status(self, state: CheckState) -> ExceptionStatus:
        """Active, or under an exception in all or in a part of the scope."""
        return recommendations.check_status(self.lens.exceptions, self.lens.view, self.lens.scope, state)

    def row(self, state: CheckState) -> CheckRow:
        """A row of the list."""
        check, counts = state.check, self.counts[state.check.id]
        is_excepted = check.id in self.excepted
        after = len(self.exposed_after(state)) if is_excepted else counts.exposed
        ident = recommendations.check_recommendation_id(check.id)
        return CheckRow(
            id=check.id,
            recommendation_id=ident,
            title=check.title,
            category=check.category,
            subcategory=check.subcategory,
            related_component=component(check),
            impact=check.impact,
            platforms=list(check.platforms),
            is_enabled=state.is_enabled,
            is_own=check.is_own,
            has_user_impact=bool(check.user_impact),
            applicable_devices=counts.applicable,
            compliant_devices=counts.compliant,
            exposed_devices=counts.exposed,
            unknown_devices=counts.unknown,
            exposed_critical_devices=counts.critical,
            exposed_devices_after_exceptions=after,
            secure_score_impact=scoring.gained(state, counts, after),
            secure_score_impact_detected=scoring.gained(state, counts, counts.exposed),
            status=self.status(state),
            activities=self.activities.get(ident, 0),
        )


_CATEGORIES: Mapping[Category, str] = {
    "application": "Application", "os": "Operating system", "network": "Network", "accounts": "Accounts",
    "security_controls": "Security controls",
}  # fmt: skip


def component(check: Check) -> str:
    """Where a setting belongs, as the related component of its recommendation (spec/features.md 6.2)."""
    return f"{_CATEGORIES[check.category]} > {check.subcategory}"


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[CheckRow]:
    """All checks; what raises the scope's secure score most comes first."""
    query = SHAPE.check(query)
    reader = CheckReader(Lens(read, scope))
    rows = [row for state in reader.states.values() if _passes(row := reader.row(state), query)]
    column = query.sort.removeprefix("-")
    return paged(
        rows,
        query,
        shape=SHAPE,
        noun="Checks",
        key=lambda row: natural(getattr(row, column)) if column in ("title", "category") else getattr(row, column),
        tie=lambda row: row.id,
        rows=lambda chosen: chosen,
    )


def detail(read: ReadContext, scope: Scope, check_id: str) -> CheckDetail:
    """One check with everything that is known of it. Raises NotFound."""
    reader = CheckReader(Lens(read, scope))
    state = reader.one(check_id)
    check = state.check
    decision: CheckDecision | None = reader.evaluation.decisions.get(check.id)
    return CheckDetail(
        check=reader.row(state),
        setting=check.setting,
        expected=posture.expected_text(check.compliant),
        not_applicable=list(check.not_applicable),
        rationale=check.rationale,
        remediation=list(check.remediation),
        user_impact=check.user_impact,
        attack=list(check.attack),
        mitigations=list(check.mitigations),
        references=list(check.references),
        provided={str(kind): text for kind, text in check.provided.items()},
        values=_values(reader, state),
        reason="" if decision is None else decision.reason,
        decided_by=None if decision is None else decision.decided_by.split(":", 2)[-1],
        decided_at=None if decision is None else to_iso(decision.decided_at),
    )


def devices(
    read: ReadContext, scope: Scope, check_id: str, query: ListQuery, assessed_as: Assessed = "non_compliant"
) -> Page[DeviceRow]:
    """Devices in scope that do not comply (or do, or of which it is not known). Raises NotFound."""
    lens = Lens(read, scope)
    state = CheckReader(lens).one(check_id)
    found: BitMap = getattr(state, assessed_as)
    return device_pages.page_of(lens, ids_of(found & lens.counted), query)


def of_device(read: ReadContext, scope: Scope, public_id: str) -> list[DeviceCheckRow]:
    """Every check that is for the device's platform: what does not comply first, the weightiest first.

    Raises NotFound.
    """
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    present = settings.present(read.conn, device.id)
    told = settings.values(read.conn, () if present is None else present[0].tolist())
    by_name = {one.name: one.value for one in told.values()}
    reader = CheckReader(lens)
    kinds = {kind for kind, some in lens.view.platforms.items() if device.id in some}
    rows = [
        _device_row(reader, state, device.id, by_name.get(state.check.setting))
        for state in reader.states.values()
        if not kinds.isdisjoint(state.check.platforms)
    ]
    order = {"non_compliant": 0, "unknown": 1, "compliant": 2, "not_applicable": 3}
    return sorted(rows, key=lambda one: (not one.is_enabled, order[one.result], -one.impact, one.id))


def _device_row(reader: CheckReader, state: CheckState, device_id: int, value: str | None) -> DeviceCheckRow:
    check = state.check
    return DeviceCheckRow(
        id=check.id,
        recommendation_id=recommendations.check_recommendation_id(check.id),
        title=check.title,
        category=check.category,
        subcategory=check.subcategory,
        impact=check.impact,
        is_enabled=state.is_enabled,
        result=posture.evaluate(check, value),
        is_excepted=device_id in reader.excepted.get(check.id, BitMap()),
        setting=check.setting,
        value=value,
        expected=posture.expected_text(check.compliant),
    )


def _values(reader: CheckReader, state: CheckState) -> list[CheckValueRow]:
    kinds: Sequence[Result] = ("compliant", "non_compliant", "not_applicable", "unknown")
    known = reader.evaluation.values[state.check.id]
    view, counted = reader.lens.view, reader.lens.counted
    counts = {
        value: (kind, count)
        for kind in kinds
        for value in getattr(known, kind)
        if (count := view.settings[value].intersection_cardinality(counted))
    }
    most = sorted(counts, key=lambda one: (-counts[one][1], one))[:VALUES_SHOWN]
    texts = settings.values(reader.lens.conn, most)
    return [
        CheckValueRow(value=texts[one].value, result=counts[one][0], devices=counts[one][1])
        for one in most
        if one in texts
    ]


def _passes(row: CheckRow, query: ListQuery) -> bool:
    has: dict[str, set[str]] = {
        "category": {row.category},
        "platform": {str(one) for one in row.platforms},
        "assessed_as": {name for name, count in _counts(row).items() if count},
        "status": {row.status},
        "enabled": {"yes" if row.is_enabled else "no"},
    }
    text = search_form(query.search)
    return all(not has[name].isdisjoint(values) for name, values in query.filters.items() if values) and (
        not text or text in search_form(f"{row.title} {row.id} {row.subcategory}")
    )


def _counts(row: CheckRow) -> dict[str, int]:
    return {
        "non_compliant": row.exposed_devices, "compliant": row.compliant_devices, "unknown": row.unknown_devices,
    }  # fmt: skip


def check_title(ident: str) -> str | None:
    """Title of the check that a recommendation is about; None where it is about none."""
    check_id = recommendations.check_of(ident)
    found = None if check_id is None else posture.checks().get(check_id)
    return None if found is None else found.title


def existing(ident: str) -> str:
    """The one way to write the id of a recommendation about a check. Raises NotFound."""
    check_id = recommendations.check_of(ident)
    if check_id is None:
        raise NotFound("There is no such recommendation; that of a check is sca-_-check-….")
    return recommendations.check_recommendation_id(posture.check(check_id).id)
