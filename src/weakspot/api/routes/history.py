"""History: scores over time, times to detect and to remediate, open findings of any day."""

from __future__ import annotations

from typing import cast

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked
from weakspot.api.operation import Operation, Parameter
from weakspot.api.routing import read_route
from weakspot.queries import history
from weakspot.queries.base import ReadContext
from weakspot.queries.history import HistoryTimes, Kind, OpenOn, ScoreSeries
from weakspot.queries.periods import PERIODS
from weakspot.runtime.clock import to_iso

STRETCH = (
    Parameter(name="period", description="Back from the last day.", values=tuple(PERIODS), default="30d"),
    Parameter(name="since", description="First day (2026-01-31), instead of a period."),
    Parameter(name="until", description="Last day (2026-01-31); today unless given."),
)
"""A period, or days."""

SCORES = Operation(
    id="showScoreHistory",
    summary="Exposure score over time of the organisation, a device group or a device",
    tag="history",
    permission=Permission.TVM_VIEW_DATA,
    answer=ScoreSeries,
    parameters=(
        Parameter(name="kind", description="Whose score.", values=history.KINDS, default="organisation"),
        Parameter(name="subject", description="Id of the group or device."),
        *STRETCH,
    ),
    errors=(404,),
)
TIMES = Operation(
    id="showHistoryTimes",
    summary="Time to detect and time to remediate: median and 90th percentile by severity and by group",
    tag="history",
    permission=Permission.TVM_VIEW_DATA,
    answer=HistoryTimes,
    parameters=(*STRETCH, GROUPS),
)
OPEN = Operation(
    id="showOpenAsOf",
    summary="Open findings as of a past day, from the intervals that are kept",
    tag="history",
    permission=Permission.TVM_VIEW_DATA,
    answer=OpenOn,
    parameters=(
        Parameter(name="as_of", description="A day (2026-01-31, its end) or a moment; now unless given."),
        GROUPS,
    ),
)


def _scores(read: ReadContext, scope: Scope, asked: Asked) -> ScoreSeries:
    values = asked.values
    kind = cast("Kind", values.get("kind", "organisation"))
    period, since, until = values.get("period", "30d"), values.get("since"), values.get("until")
    return history.scores(read, scope, kind, values.get("subject", ""), period, since, until)


def _times(read: ReadContext, scope: Scope, asked: Asked) -> HistoryTimes:
    values = asked.values
    return history.times(read, scope, values.get("period", "30d"), values.get("since"), values.get("until"))


def _open(read: ReadContext, scope: Scope, asked: Asked) -> OpenOn:
    return history.open_on(read, scope, asked.values.get("as_of") or to_iso(read.now))


ROUTES = (
    read_route("/history/scores", SCORES, _scores),
    read_route("/history/times", TIMES, _times),
    read_route("/history/open", OPEN, _open),
)
