"""The event timeline: events of a period, and its headline numbers."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import Operation, Parameter
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import timeline
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.timeline import EventRow, TimelineSummary

SINCE = Parameter(name="since", description="First day (2026-01-31), instead of a period.")
UNTIL = Parameter(name="until", description="Last day (2026-01-31); today unless given.")

LIST = Operation(
    id="listEvents",
    summary="What changed the risk, newest first; other than the main types where asked for",
    tag="timeline",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[EventRow],
    parameters=(*list_parameters(timeline.SHAPE, "products and subjects", words.FILTERS), SINCE, UNTIL),
)
SUMMARY = Operation(
    id="showTimeline",
    summary="Headline numbers of a period, and the top events of the last seven days",
    tag="timeline",
    permission=Permission.TVM_VIEW_DATA,
    answer=TimelineSummary,
    parameters=(SINCE, UNTIL, GROUPS),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[EventRow]:
    return timeline.page(read, scope, asked.query, asked.values.get("since"), asked.values.get("until"))


def _summary(read: ReadContext, scope: Scope, asked: Asked) -> TimelineSummary:
    return timeline.summary(read, scope, asked.values.get("since"), asked.values.get("until"))


ROUTES = (
    read_route("/timeline", LIST, _list),
    read_route("/timeline/summary", SUMMARY, _summary),
)
