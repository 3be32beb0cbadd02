"""Recommendations to change a setting: one for every check that some device in the scope does not comply with."""

from __future__ import annotations

import msgspec

from weakspot import recommendations
from weakspot.access.contracts import Scope
from weakspot.queries import devices as device_pages
from weakspot.queries.base import ListQuery, ReadContext
from weakspot.queries.check_contracts import CheckRow
from weakspot.queries.checks import CheckReader
from weakspot.queries.columns import natural, search_form
from weakspot.queries.contracts import DeviceRow, Page, RecommendationDetail, RecommendationRow
from weakspot.queries.lens import Lens, ids_of
from weakspot.runtime.errors import NotFound
from weakspot.scoring import CheckState
from weakspot.vocabulary.severity import ORDER

SOFTWARE = "software"
"""Category of what is about a product, in the filter that the categories of settings are in."""


class ListedCheck(msgspec.Struct, frozen=True):
    """A recommendation about a check, with what the list is filtered and sorted by."""

    reader: CheckReader
    state: CheckState
    check: CheckRow

    @property
    def id(self) -> str:
        """Of the recommendation."""
        return self.check.recommendation_id

    @property
    def row(self) -> RecommendationRow:
        """The finished row, made for those of the page alone."""
        return _row(self.reader, self.state, self.check)

    def sort_value(self, sort: str) -> object:
        """What the list is sorted by; a check has no part in the exposure score (docs/decisions/0012)."""
        match sort:
            case "title":
                return natural(self.check.title)
            case "severity":
                return ORDER["None"]
            case "installed_devices":
                return self.check.applicable_devices
            case "exposed_devices" | "exposed_devices_after_exceptions" | "secure_score_impact":
                return getattr(self.check, sort)
            case _:
                return 0


def listed(lens: Lens, query: ListQuery) -> list[ListedCheck]:
    """Those that the filters let through."""
    if not _is_asked_for(query):
        return []
    reader = CheckReader(lens)
    exposing = (one for key, one in reader.states.items() if one.is_enabled and reader.counts[key].exposed)
    return [ListedCheck(reader, one, row) for one in exposing if _passes(row := reader.row(one), query)]


def detail(read: ReadContext, scope: Scope, ident: str) -> RecommendationDetail:
    """The flyout of one of them; more is told of its check. Raises NotFound."""
    reader = CheckReader(Lens(read, scope))
    state = _one(reader, ident)
    return RecommendationDetail(
        recommendation=_row(reader, state, reader.row(state)),
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


def _row(reader: CheckReader, state: CheckState, row: CheckRow) -> RecommendationRow:
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
    return reader.lens.device_columns().system_names(reader.exposed(state))


def _is_asked_for(query: ListQuery) -> bool:
    """Whether the filters leave room for settings: they have neither tags, nor threats, nor weaknesses."""
    has: dict[str, str] = {"remediation": "ConfigurationChange", "severity": "None", "tag": "", "threat": ""}
    return all(word in (query.filters.get(name) or (word,)) for name, word in has.items())


def _passes(row: CheckRow, query: ListQuery) -> bool:
    has = {"status": row.status, "category": row.category, "component": row.related_component}
    text = search_form(query.search)
    return (
        all(word in (query.filters.get(name) or (word,)) for name, word in has.items())
        and row.exposed_devices >= fewest_devices(query)
        and (not text or text in search_form(f"{row.title} {row.related_component} {row.recommendation_id}"))
    )


def fewest_devices(query: ListQuery) -> int:
    """Exposed devices that a recommendation has at least to be shown."""
    return min(map(int, query.filters.get("exposed_devices") or ("0",)))


def is_about_check(ident: str) -> bool:
    """Whether a recommendation is about a check."""
    return recommendations.check_of(ident) is not None
