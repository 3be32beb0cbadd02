"""The form of a remediation request: what it offers for a recommendation, and what a filled one means."""

from __future__ import annotations

import msgspec
from pyroaring import BitMap

from weakspot import intel, recommendations, remediation
from weakspot.access.contracts import Scope
from weakspot.queries import check_requests
from weakspot.queries.base import ReadContext
from weakspot.queries.columns import EXPLOIT_LEVELS
from weakspot.queries.lens import Lens, ids_of
from weakspot.queries.recommendation_order import Listed
from weakspot.queries.recommendations import Reader
from weakspot.queries.remediation_forms import AskedActivity, RemediationForm, group_rows, groups_of
from weakspot.recommendations import Recommendation
from weakspot.remediation import NewActivity, Urgency
from weakspot.remediation.contracts import RemediationOption
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import InvalidField

KNOWN_EXPLOITED = "known_exploited"
LOOKED_AT = 200
NAMED = 10
MAX_DEVICES_TO_TRACKER = 10_000


def form(read: ReadContext, scope: Scope, ident: str) -> RemediationForm:
    """The form for one recommendation. Raises NotFound."""
    lens = Lens(read, scope)
    if recommendations.check_of(ident) is not None:
        return check_requests.form(lens, ident)
    listed = Reader(lens).one(ident)
    options = _options(listed.made)
    urgency = _urgency(lens, listed, listed.devices)
    due_at, reason = remediation.due(remediation.sla_rules(read.conn), urgency, read.now)
    is_dated = options[0] != "AttentionRequired"
    return RemediationForm(
        recommendation_id=listed.id,
        title=listed.made.title,
        options=options,
        option=options[0],
        groups=group_rows(lens, listed.devices),
        exposed_devices=len(listed.devices),
        priority=remediation.proposed_priority(urgency),
        due_on=to_iso(due_at) if due_at is not None and is_dated else None,
        due_reason=reason if is_dated else "",
        trackers={one.id: one.name for one in remediation.listed_trackers(read.conn) if one.is_enabled},
        active_activities=remediation.counts(read.conn).get(listed.id, 0),
    )


def resolve(read: ReadContext, scope: Scope, asked: AskedActivity) -> NewActivity:
    """What a filled form means now: the exposed devices are frozen. Raises NotFound, InvalidField."""
    lens = Lens(read, scope)
    if recommendations.check_of(asked.recommendation_id) is not None:
        return check_requests.resolve(lens, asked)
    reader = Reader(lens)
    listed = reader.one(asked.recommendation_id)
    made = listed.made
    option = asked.option or _options(made)[0]
    if option not in _options(made):
        raise InvalidField(f"This recommendation offers: {', '.join(_options(made))}.", field="option")
    targets = listed.devices
    if asked.group_ids is not None:
        targets = targets & lens.view.population.members_of(asked.group_ids)
    replaced = {one: BitMap() for one in made.exposed} if option == "Uninstall" else made.replaced
    vulnerabilities = made.weaknesses
    if option == "Uninstall":
        vulnerabilities = lens.view.vulnerabilities_of_versions(made.exposed)
    urgency = _urgency(lens, listed, targets)
    due_at, reason = _due(read, option, asked, urgency)
    planned = msgspec.structs.replace(made, replaced=replaced)
    excluded = lens.counted - targets
    impact = recommendations.impact(
        reader.catalogue, lens.view, scope, planned, excluded=excluded, excepted=lens.excepted or None
    )
    return NewActivity(
        recommendation_id=listed.id,
        title=made.title if option == made.remediation_type else f"{_VERBS[option]} {made.product.name}",
        description=_description(lens, listed, len(targets)),
        remediation_type=option,
        category="Software",
        component=made.product.name,
        vendor=made.product.vendor,
        product=made.product.name,
        recommended_version=_version(lens, made, targets) if option == made.remediation_type else "",
        priority=asked.priority or remediation.proposed_priority(urgency),
        notes=asked.notes,
        due_at=due_at,
        due_reason=reason,
        mitigation=asked.mitigation,
        is_without_user_impact=False,
        group_ids=groups_of(lens, targets),
        targets=targets,
        vulnerabilities=BitMap(vulnerabilities),
        versions=BitMap(made.exposed),
        predicted_impact=impact if option != "AttentionRequired" else 0.0,
    )


_VERBS = {
    "Update": "Update", "Upgrade": "Upgrade", "Uninstall": "Uninstall", "ConfigurationChange": "Change",
    "OwningApp": "Update what ships",
    "AttentionRequired": "Attention required:",
}  # fmt: skip


def _options(made: Recommendation) -> list[RemediationOption]:
    """The proposed one first (spec/features.md 7.1). A component is not removed from the program that ships it."""
    kind: RemediationOption = made.remediation_type
    is_component = kind == "OwningApp"
    others: tuple[RemediationOption, ...] = ("Update" if is_component else "Uninstall", "AttentionRequired")
    return [kind, *(one for one in others if one != kind)]


def _due(read: ReadContext, option: str, asked: AskedActivity, urgency: Urgency) -> tuple[Micros | None, str]:
    if option == "AttentionRequired" or asked.due_at is not None:
        return asked.due_at, "" if asked.due_at is None else "chosen by the requester"
    return remediation.due(remediation.sla_rules(read.conn), urgency, read.now)


def _urgency(lens: Lens, listed: Listed, targets: BitMap) -> Urgency:
    ids = ids_of(listed.made.weaknesses)
    columns = lens.vulnerability_columns(ids)
    at = columns.positions(ids)
    exploited = columns.ids[at[columns.exploit[at] == EXPLOIT_LEVELS.index(KNOWN_EXPLOITED)]].tolist()
    dates = [intel.detail(lens.conn, one).due_on for one in exploited[:LOOKED_AT]]
    values = ("Low", "Normal", "High")
    return Urgency(
        severity=listed.worst,
        exploit_level=listed.exploit,
        catalogue_due_on=min((one for one in dates if one), default=None),
        device_values=frozenset(
            value for value, some in zip(values, lens.view.population.values, strict=True) if some.intersect(targets)
        ),
    )


def _version(lens: Lens, made: Recommendation, targets: BitMap) -> str:
    counts = {one: len(lens.view.installed[one] & targets) for one in made.targets}
    return recommendations.headline(made, counts)


def _description(lens: Lens, listed: Listed, devices: int) -> str:
    hazards = {one: lens.view.vulnerability_hazard(one) for one in listed.made.weaknesses}
    worst = sorted(hazards, key=lambda one: (-hazards[one], one))[:NAMED]
    facts = intel.facts(lens.conn, worst)
    names = [facts[one].name for one in worst if one in facts]
    more = len(hazards) - len(names)
    said = f"{listed.made.title} on {devices} devices."
    if not names:
        return said
    return f"{said} Weaknesses: {', '.join(names)}{f' and {more} more' if more > 0 else ''}."
