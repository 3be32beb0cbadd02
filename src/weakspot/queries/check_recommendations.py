"""Recommendations to change a setting: one for every check that some device in the scope does not comply with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from weakspot import recommendations
from weakspot.access.contracts import Scope
from weakspot.queries import devices as device_pages
from weakspot.queries.base import ListQuery, ReadContext
from weakspot.queries.checks import CheckReader
from weakspot.queries.columns import natural, search_form
from weakspot.queries.contracts import DeviceRow, Page, RecommendationDetail, RecommendationRow
from weakspot.queries.lens import Lens, ids_of
from weakspot.runtime.errors import NotFound
from weakspot.scoring import CheckState
from weakspot.vocabulary.severity import ORDER


class ListedCheck(msgspec.Struct, frozen=True):
    """A recommendation about a check, with its finished row: there are few of them."""

    row: RecommendationRow

    @property
    def id(self) -> str:
        """Of the recommendation."""
        return self.row.id

    def sort_value(self, sort: str) -> object:
        """What the list is sorted by; a check has no part in the exposure score (docs/decisions/0012)."""
        if sort == "title":
            return natural(self.row.title)
        if sort == "severity":
            return ORDER[self.row.highest_severity]
        return getattr(self.row, sort)


def listed(lens: Lens, query: ListQuery) -> list[ListedCheck]:
    """Those that the filters let through."""
    reader = CheckReader(lens)
    exposing = (one for one in reader.states.values() if one.is_enabled and one.non_compliant.intersect(lens.counted))
    return [ListedCheck(row) for state in exposing if _passes(row := _row(reader, state), query)]


def detail(read: ReadContext, scope: Scope, ident: str) -> RecommendationDetail:
    """The flyout of one of them; more is told of its check. Raises NotFound."""
    reader = CheckReader(Lens(read, scope))
    state = _one(reader, ident)
    return RecommendationDetail(
        recommendation=_row(reader, state),
        software=[],
        targets=[],
        targets_total=0,
        mitigations=[],
        mitigated_devices=0,
        mitigated_risk_share=0.0,
        check_id=state.check.id,
    )


def devices(read: ReadContext, scope: Scope, ident: str, query: ListQuery) -> Page[DeviceRow]:
    """Devices in scope that do not comply. Raises NotFound."""
    lens = Lens(read, scope)
    reader = CheckReader(lens)
    return device_pages.page_of(lens, ids_of(reader.exposed(_one(reader, ident))), query)


def _one(reader: CheckReader, ident: str) -> CheckState:
    state = reader.of_recommendation(ident)
    if not state.is_enabled or not reader.exposed(state):
        raise NotFound("No device that you may see fails this check; look at the check itself.")
    return state


def _row(reader: CheckReader, state: CheckState) -> RecommendationRow:
    row = reader.row(state)
    return RecommendationRow(
        id=row.recommendation_id,
        title=row.title,
        product=state.check.subcategory,
        vendor="",
        software_type="configuration",
        remediation_type="ConfigurationChange",
        recommended_version="",
        platforms=_systems(reader, state),
        weaknesses=0,
        highest_severity="None",
        exploit_level="none",
        exposed_devices=row.exposed_devices,
        installed_devices=row.applicable_devices,
        exposed_critical_devices=row.exposed_critical_devices,
        impact=0.0,
        tags=[],
        has_active_detection=False,
        status=row.status,
        activities=row.activities,
        exposed_devices_after_exceptions=row.exposed_devices_after_exceptions,
        impact_detected=0.0,
        related_component=row.related_component,
        secure_score_impact=row.secure_score_impact,
    )


def _systems(reader: CheckReader, state: CheckState) -> list[str]:
    columns = reader.lens.device_columns()
    at = columns.positions(ids_of(reader.exposed(state)))
    systems = (columns.systems[code] for code in np.unique(columns.system[at]).tolist())
    return sorted({distribution or platform for platform, distribution, _ in systems}, key=natural)


def _passes(row: RecommendationRow, query: ListQuery) -> bool:
    has: dict[str, Sequence[str]] = {
        "remediation": [row.remediation_type], "tag": [], "severity": [row.highest_severity], "threat": [],
        "component": [row.related_component], "status": [row.status],
    }  # fmt: skip
    text = search_form(query.search)
    return all(set(values) & set(has[name]) for name, values in query.filters.items() if values) and (
        not text or text in search_form(f"{row.title} {row.related_component} {row.id}")
    )


def is_about_check(ident: str) -> bool:
    """Whether a recommendation is about a check."""
    return recommendations.check_of(ident) is not None
