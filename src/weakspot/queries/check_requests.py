"""The form of a remediation request for a setting, and what a filled one means."""

from __future__ import annotations

from pyroaring import BitMap

from weakspot import recommendations, remediation
from weakspot.posture import Check
from weakspot.queries.checks import CheckReader, component
from weakspot.queries.lens import Lens
from weakspot.queries.remediation_forms import AskedActivity, RemediationForm, group_rows, groups_of
from weakspot.remediation import NewActivity, Urgency
from weakspot.remediation.contracts import RemediationOption
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import InvalidField
from weakspot.scoring import CheckState

OPTION: RemediationOption = "ConfigurationChange"
HIGH_FROM, MEDIUM_FROM = 8, 5
"""Impact of a check from which its due date is that of a high or medium weakness."""


def form(lens: Lens, ident: str) -> RemediationForm:
    """The form for one check. Raises NotFound."""
    reader = CheckReader(lens)
    state = reader.of_recommendation(ident)
    exposed = reader.exposed(state)
    urgency = _urgency(lens, state, exposed)
    due_at, reason = remediation.due(remediation.sla_rules(lens.conn), urgency, lens.now)
    recommendation_id = recommendations.check_recommendation_id(state.check.id)
    return RemediationForm(
        recommendation_id=recommendation_id,
        title=state.check.title,
        options=[OPTION],
        option=OPTION,
        groups=group_rows(lens, exposed),
        exposed_devices=len(exposed),
        priority=remediation.proposed_priority(urgency),
        due_on=None if due_at is None else to_iso(due_at),
        due_reason=reason,
        trackers={one.id: one.name for one in remediation.listed_trackers(lens.conn) if one.is_enabled},
        active_activities=remediation.counts(lens.conn).get(recommendation_id, 0),
    )


def resolve(lens: Lens, asked: AskedActivity) -> NewActivity:
    """What a filled form means now: the devices that do not comply are frozen. Raises NotFound, InvalidField."""
    reader = CheckReader(lens)
    state = reader.of_recommendation(asked.recommendation_id)
    check = state.check
    if asked.option not in (None, OPTION):
        raise InvalidField(f"This recommendation offers: {OPTION}.", field="option")
    if asked.mitigation != "None":
        raise InvalidField("A setting is no application that could be blocked.", field="mitigation")
    targets = reader.exposed(state)
    if asked.group_ids is not None:
        targets &= lens.view.population.members_of(asked.group_ids)
    urgency = _urgency(lens, state, targets)
    due_at, reason = _due(lens, asked, urgency)
    return NewActivity(
        recommendation_id=recommendations.check_recommendation_id(check.id),
        title=check.title,
        description=_description(check, len(targets)),
        remediation_type=OPTION,
        category="SecurityConfiguration",
        component=component(check),
        vendor="",
        product=check.subcategory,
        recommended_version="",
        priority=asked.priority or remediation.proposed_priority(urgency),
        notes=asked.notes,
        due_at=due_at,
        due_reason=reason,
        mitigation="None",
        is_without_user_impact=not check.user_impact,
        group_ids=groups_of(lens, targets),
        targets=targets,
        vulnerabilities=BitMap(),
        versions=BitMap(),
        predicted_impact=0.0,
    )


def _description(check: Check, devices: int) -> str:
    return "\n".join([f"{check.title} on {devices} devices. {check.rationale}", *check.remediation])


def _due(lens: Lens, asked: AskedActivity, urgency: Urgency) -> tuple[Micros | None, str]:
    if asked.due_at is not None:
        return asked.due_at, "chosen by the requester"
    return remediation.due(remediation.sla_rules(lens.conn), urgency, lens.now)


def _urgency(lens: Lens, state: CheckState, targets: BitMap) -> Urgency:
    impact = state.check.impact
    values = zip(("Low", "Normal", "High"), lens.view.population.values, strict=True)
    return Urgency(
        severity="High" if impact >= HIGH_FROM else "Medium" if impact >= MEDIUM_FROM else "Low",
        exploit_level="none",
        catalogue_due_on=None,
        device_values=frozenset(value for value, some in values if some.intersect(targets)),
    )
