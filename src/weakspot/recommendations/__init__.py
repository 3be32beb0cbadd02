"""The recommendations: what to do, how much each action would change, and in which order to act.

In: open matches with their fixes (matching), support dates and mitigations (intel), the fleet index, the scoring model.
Out: one recommendation a product in any scope, its exact impact, and plans with a limit that no plan can pass.

Invariants: everything is derived and read only; one product has at most one recommendation in a scope, made of the
versions that are installed there alone; what has no fix is in none, but for what is exploited without one; a predicted
impact is the change that comes (the target's own weaknesses and what other products carry included).
"""

from weakspot.recommendations.bounds import Worths, worths
from weakspot.recommendations.catalogue import Catalogue
from weakspot.recommendations.check_planning import (
    CHECK_TYPE,
    CheckAction,
    CheckGoal,
    CheckPlan,
    check_hours,
    plan_checks,
)
from weakspot.recommendations.conditions import needing, systems_among
from weakspot.recommendations.configuring import check_of, check_recommendation_id, check_status, excepted_by_check
from weakspot.recommendations.contracts import (
    Action,
    Goal,
    Plan,
    PlanStep,
    Product,
    Recommendation,
    RemediationType,
    Support,
    Tag,
)
from weakspot.recommendations.excepting import (
    ExceptionStatus,
    InForce,
    controlled,
    exposed_after,
    impact_after,
    in_force,
    status,
)
from weakspot.recommendations.planning import MAX_STEPS, carried_out, make_plan
from weakspot.recommendations.rules.advising import headline
from weakspot.recommendations.rules.mitigating import RISK_TAKEN, share_taken
from weakspot.recommendations.rules.naming import owner as owner_of
from weakspot.recommendations.rules.support import tags as support_tags
from weakspot.recommendations.service import (
    EFFORT_HOURS,
    action,
    current,
    impact,
    recommendation,
    recommendations,
)
from weakspot.recommendations.supporting import supports

__all__ = [
    "CHECK_TYPE", "EFFORT_HOURS", "MAX_STEPS", "RISK_TAKEN", "Action", "Catalogue", "CheckAction", "CheckGoal",
    "CheckPlan", "ExceptionStatus", "Goal", "InForce", "Plan", "PlanStep", "Product", "Recommendation",
    "RemediationType", "Support", "Tag", "Worths", "action", "carried_out", "check_hours", "check_of",
    "check_recommendation_id", "check_status", "controlled", "current", "excepted_by_check", "exposed_after",
    "headline", "impact", "impact_after", "in_force", "make_plan", "needing", "owner_of", "plan_checks",
    "recommendation", "recommendations", "share_taken", "status", "support_tags", "supports", "systems_among", "worths",
]  # fmt: skip
