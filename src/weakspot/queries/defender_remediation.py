"""Remediation activities in the words of the compatible API (docs/compatible-api.md)."""

from __future__ import annotations

from collections.abc import Iterator

from weakspot import recommendations, remediation
from weakspot.queries import defender
from weakspot.queries.columns import natural
from weakspot.queries.defender import Entity, MachineReference
from weakspot.queries.lens import Lens
from weakspot.queries.remediation import is_seen, seen_activity, targets_in_scope
from weakspot.queries.rows import iso
from weakspot.remediation import Activity
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound


class RemediationTask(Entity, frozen=True, kw_only=True):
    """A tracked request. Device counts are those that the caller may see."""

    id: str
    title: str
    created_on: str
    requester_id: str
    requester_email: str
    status: str
    status_last_modified_on: str
    description: str
    related_component: str
    target_devices: int
    rbac_group_names: list[str]
    fixed_devices: int
    requester_notes: str | None
    due_on: str | None
    category: str
    productivity_impact_remediation_type: str | None
    priority: str
    completion_method: str | None
    completer_id: str | None
    completer_email: str | None
    scid: str | None
    type: str
    product_id: str | None
    vendor_id: str
    name_id: str
    recommended_version: str | None
    recommended_vendor: str | None
    recommended_program: str | None


def tasks(lens: Lens) -> Iterator[RemediationTask]:
    """Activities of the scope, oldest first."""
    for one in reversed(remediation.listed(lens.conn)):
        if is_seen(lens.scope, one):
            yield _entity(lens, one)


def task(lens: Lens, asked: str) -> RemediationTask:
    """One by its id. Raises NotFound."""
    return _entity(lens, _one(lens, asked))


def machines(lens: Lens, asked: str) -> Iterator[MachineReference]:
    """Its devices that do not show the fix. Raises NotFound."""
    one = _one(lens, asked)
    yield from defender.references(lens, targets_in_scope(lens, one) - one.fixed)


def _one(lens: Lens, asked: str) -> Activity:
    try:
        return seen_activity(lens, asked)
    except NotFound:
        raise NotFound(f"Remediation task {asked[:64]} was not found") from None


def _entity(lens: Lens, one: Activity) -> RemediationTask:
    targets = targets_in_scope(lens, one)
    groups = (lens.group_names.get(group, "") for group in one.group_ids if lens.scope.includes(group))
    _, requester_id, requester = one.created_by.split(":", 2)
    by_hand = one.completed_by.split(":", 2) if one.completion_method == "Manual" and one.completed_by else None
    vendor = "_".join(one.vendor.lower().split())
    name = "_".join(one.product.lower().split())
    return RemediationTask(
        id=one.public_id,
        title=one.title,
        created_on=to_iso(one.created_at),
        requester_id=requester_id,
        requester_email=requester,
        status=one.state,
        status_last_modified_on=to_iso(one.state_changed_at),
        description=one.description,
        related_component=one.component,
        target_devices=len(targets),
        rbac_group_names=sorted(groups, key=natural),
        fixed_devices=len(targets & one.fixed),
        requester_notes=one.notes or None,
        due_on=iso(one.due_at),
        category=one.category,
        productivity_impact_remediation_type=None,
        priority=one.priority,
        completion_method=one.completion_method,
        completer_id=None if by_hand is None else by_hand[1],
        completer_email=None if by_hand is None else by_hand[2],
        scid=recommendations.check_of(one.recommendation_id),
        type="Update" if one.remediation_type == "OwningApp" else one.remediation_type,
        product_id=f"{vendor}-_-{name}" if one.category == "Software" else None,
        vendor_id=vendor,
        name_id=name,
        recommended_version=one.recommended_version or None,
        recommended_vendor=None,
        recommended_program=None,
    )
