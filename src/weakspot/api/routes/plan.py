"""The plan: what to do first to reach a goal."""

from __future__ import annotations

import math

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, shown
from weakspot.api.operation import Operation, Parameter
from weakspot.api.routing import read_route
from weakspot.queries import plan
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import PlanPage
from weakspot.queries.plan import MAX_HOURS, PlanQuery
from weakspot.recommendations import MAX_STEPS
from weakspot.runtime.errors import BadQuery

SHOW = Operation(
    id="showPlan",
    summary="Ordered plans with exact gains: updates for the exposure score, settings for the secure score",
    tag="recommendations",
    permission=Permission.TVM_VIEW_DATA,
    answer=PlanPage,
    parameters=(
        Parameter(name="score", description="Exposure score to reach.", kind="integer", minimum=0, maximum=100),
        Parameter(name="actions", description="At most so many actions.", kind="integer", minimum=1, maximum=MAX_STEPS),
        Parameter(name="hours", description="At most so many hours.", kind="integer", minimum=1, maximum=MAX_HOURS),
        Parameter(
            name="secure_score",
            description="Secure score to reach, in percent.",
            kind="integer",
            minimum=0,
            maximum=100,
        ),
        Parameter(
            name="settings", description="At most so many settings.", kind="integer", minimum=1, maximum=MAX_STEPS
        ),
        Parameter(
            name="settings_hours",
            description="At most so many hours for settings.",
            kind="integer",
            minimum=1,
            maximum=MAX_HOURS,
        ),
        Parameter(
            name="effort",
            description="NAME=HOURS: hours of a recommendation (its id) or of each Update, Upgrade, Uninstall or "
            "ConfigurationChange.",
            is_repeatable=True,
        ),
        GROUPS,
    ),
)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> PlanPage:
    values = asked.values
    query = PlanQuery(
        score=float(values["score"]) if "score" in values else None,
        actions=int(values["actions"]) if "actions" in values else None,
        hours=float(values["hours"]) if "hours" in values else None,
        secure_score=float(values["secure_score"]) if "secure_score" in values else None,
        settings=int(values["settings"]) if "settings" in values else None,
        settings_hours=float(values["settings_hours"]) if "settings_hours" in values else None,
        efforts=dict(_effort(one) for one in asked.query.filters.get("effort", ())),
    )
    return plan.plan(read, scope, query)


def _effort(text: str) -> tuple[str, float]:
    name, _, hours = text.rpartition("=")
    try:
        number = float(hours)
    except ValueError:
        number = math.nan
    if not name or not math.isfinite(number):
        raise BadQuery(f"An effort is NAME=HOURS, not {shown(text)}.", field="effort")
    return name, number


ROUTES = (read_route("/plan", SHOW, _show),)
