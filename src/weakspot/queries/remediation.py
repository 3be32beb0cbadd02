"""The Remediation page: the list of activities, one of them, and its devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot import inventory, remediation
from weakspot.access.contracts import Scope
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import arranged, natural, search_form
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens, cut, ids_of
from weakspot.queries.rows import iso
from weakspot.remediation import Activity, Ticket
from weakspot.remediation.contracts import (
    ActivityState,
    CompletionMethod,
    MitigationAction,
    Priority,
    RemediationOption,
    TicketState,
)
from weakspot.remediation.rules.sla import DUE_SOON
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import NotFound

DueState = Literal["none", "on_time", "due_soon", "overdue"]
SHAPE = ListShape(
    filters={
        "remediation": get_args(RemediationOption),
        "mitigation": get_args(MitigationAction),
        "status": get_args(ActivityState),
        "priority": get_args(Priority),
        "due": get_args(DueState),
        "recommendation": None,
    },
    sorts=("title", "status", "created_on", "due_on", "priority", "progress"),
    default_sort="-created_on",
)
DEVICES_SHAPE = ListShape(filters={"progress": ("open", "fixed")}, sorts=("name", "progress"), default_sort="progress")
NOT_AVAILABLE = "N/A"
_PRIORITIES = {"High": 2, "Medium": 1, "Low": 0}


class ActivityTicket(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket in another system. ``waiting``: messages that it has not acknowledged, and why the last one failed."""

    id: int
    tracker: str
    group_name: str
    remote_id: str | None
    url: str
    state: TicketState
    note: str
    state_changed_at: str
    waiting: int
    failure: str


class ActivityRow(msgspec.Struct, frozen=True, kw_only=True):
    """One activity. Devices are those that the caller may see.

    target_devices is fixed at creation; fixed_devices follows the inventory; both and ticket_state are null where
    attention alone is asked for. completed_by: null while it is active, ``N/A`` where that was not kept. due: against
    the due date, now or at completion.
    """

    id: str
    title: str
    recommendation_id: str
    related_component: str
    category: Literal["Software", "SecurityConfiguration"]
    remediation_type: RemediationOption
    groups: list[str]
    created_by: str
    created_on: str
    completed_by: str | None
    completion_method: CompletionMethod | None
    completed_on: str | None
    due_on: str | None
    due: DueState
    due_reason: str
    priority: Priority
    notes: str
    target_devices: int | None
    fixed_devices: int | None
    status: ActivityState
    status_changed_on: str
    reopened: int
    mitigation: MitigationAction
    ticket_state: TicketState | None
    recommended_version: str
    predicted_impact: float
    """Points by which the exposure score was to fall with all targets fixed, when it was asked for."""


class ActivityDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The flyout of one activity."""

    activity: ActivityRow
    description: str
    tickets: list[ActivityTicket]


class ActivityDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that an activity was made for."""

    id: str
    name: str
    group_name: str
    progress: Literal["open", "fixed"]


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[ActivityRow]:
    """Activities with a device group of the scope."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    seen = [one for one in remediation.listed(read.conn) if is_seen(scope, one)]
    found = [one for one in rows(lens, seen) if _passes(one, query)]
    keys = {
        "title": lambda one: natural(one.title),
        "status": lambda one: one.status,
        "created_on": lambda one: one.created_on,
        "due_on": lambda one: one.due_on,
        "priority": lambda one: _PRIORITIES[one.priority],
        "progress": lambda one: one.fixed_devices / one.target_devices if one.target_devices else None,
    }
    key = keys[query.sort.removeprefix("-")]
    noun = "Remediation activities"
    return paged(found, query, shape=SHAPE, noun=noun, key=key, tie=lambda one: one.id, rows=lambda chosen: chosen)


def detail(read: ReadContext, scope: Scope, public_id: str) -> ActivityDetail:
    """One activity. Raises NotFound."""
    lens = Lens(read, scope)
    found = seen_activity(lens, public_id)
    tickets = remediation.tickets_of(read.conn, [found.id])
    return ActivityDetail(
        activity=_row(lens, found, tickets), description=found.description, tickets=_tickets(lens, tickets)
    )


def devices(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[ActivityDevice]:
    """Its devices, with what each shows. Raises NotFound."""
    query = DEVICES_SHAPE.check(query)
    lens = Lens(read, scope)
    found = seen_activity(lens, public_id)
    targets = targets_in_scope(lens, found)
    if wanted := set(query.filters.get("progress", ())):
        targets = (targets & found.fixed if "fixed" in wanted else BitMap()) | (
            targets - found.fixed if "open" in wanted else BitMap()
        )
    columns = lens.device_columns()
    ids = ids_of(targets)
    at = columns.positions(ids)
    if query.search:
        at = at[columns.haystack.containing(query.search.casefold().strip())[at]]
    ids = columns.ids[at]
    is_fixed = np.isin(ids, ids_of(found.fixed))
    order = arranged(columns.name_rank[at], descending=query.sort == "-name")
    if query.sort.endswith("progress"):
        order = order[arranged(is_fixed[order].astype(np.int64), descending=query.sort.startswith("-"))]
    return cut(
        ids[order],
        query,
        shape=DEVICES_SHAPE,
        noun="Devices",
        rows=lambda chosen: _device_rows(lens, found, chosen),
    )


def seen_activity(lens: Lens, public_id: str) -> Activity:
    """An activity that the caller may see. Raises NotFound."""
    found = remediation.get(lens.conn, public_id)
    if not is_seen(lens.scope, found):
        raise NotFound("There is no such remediation activity; open it from the list.")
    return found


def is_seen(scope: Scope, activity: Activity) -> bool:
    """Whether it was made for a device group of the scope."""
    return scope.group_ids is None or not scope.group_ids.isdisjoint(activity.group_ids)


def targets_in_scope(lens: Lens, activity: Activity) -> BitMap:
    """Targets that the caller may see, counted or not."""
    if lens.scope.group_ids is None:
        return activity.targets
    return activity.targets & BitMap(lens.devices_in_scope().tolist())


def rows(lens: Lens, activities: Sequence[Activity]) -> list[ActivityRow]:
    """Rows in the order asked."""
    tickets: dict[int, list[Ticket]] = {}
    for ticket in remediation.tickets_of(lens.conn, [one.id for one in activities]):
        tickets.setdefault(ticket.activity_id, []).append(ticket)
    return [_row(lens, one, tickets.get(one.id, ())) for one in activities]


def _row(lens: Lens, one: Activity, tickets: Sequence[Ticket]) -> ActivityRow:
    targets = targets_in_scope(lens, one)
    groups = [lens.group_names[group] for group in one.group_ids if lens.scope.includes(group)
              and group in lens.group_names]  # fmt: skip
    return ActivityRow(
        id=one.public_id,
        title=one.title,
        recommendation_id=one.recommendation_id,
        related_component=one.component,
        category=one.category,
        remediation_type=one.remediation_type,
        groups=sorted(groups, key=natural),
        created_by=_person(one.created_by) or "",
        created_on=to_iso(one.created_at),
        completed_by=_completer(one),
        completion_method=one.completion_method,
        completed_on=iso(one.completed_at),
        due_on=iso(one.due_at),
        due=_due(one, lens.now),
        due_reason=one.due_reason,
        priority=one.priority,
        notes=one.notes,
        target_devices=len(targets) if one.has_progress else None,
        fixed_devices=len(targets & one.fixed) if one.has_progress else None,
        status=one.state,
        status_changed_on=to_iso(one.state_changed_at),
        reopened=one.reopened_count,
        mitigation=one.mitigation,
        ticket_state=_ticket_state(lens.scope, tickets) if one.has_progress else None,
        recommended_version=one.recommended_version,
        predicted_impact=one.predicted_impact,
    )


def _tickets(lens: Lens, tickets: Sequence[Ticket]) -> list[ActivityTicket]:
    names = {one.id: one.name for one in remediation.listed_trackers(lens.conn)}
    backlog = remediation.backlog(lens.conn) if tickets else {}
    return [
        ActivityTicket(
            id=one.id,
            tracker=names.get(one.tracker_id, ""),
            group_name=lens.group_names.get(one.group_id, ""),
            remote_id=one.remote_id,
            url=one.url if one.url.startswith(("https://", "http://")) else "",
            state=one.state,
            note=one.note,
            state_changed_at=to_iso(one.state_changed_at),
            waiting=backlog.get(one.id, (0, ""))[0],
            failure=backlog.get(one.id, (0, ""))[1],
        )
        for one in tickets
        if lens.scope.includes(one.group_id)
    ]


def _ticket_state(scope: Scope, tickets: Sequence[Ticket]) -> TicketState | None:
    """What most asks for attention: a rejection, then the least advanced."""
    states = {one.state for one in tickets if scope.includes(one.group_id)}
    order: tuple[TicketState, ...] = ("Rejected", "Pending", "Accepted", "Completed")
    return next((one for one in order if one in states), None)


def _due(one: Activity, now: Micros) -> DueState:
    if one.due_at is None:
        return "none"
    at = one.completed_at or now
    if at > one.due_at:
        return "overdue"
    return "due_soon" if one.state == "Active" and one.due_at - now < DUE_SOON else "on_time"


def _person(author: str | None) -> str | None:
    return author if author is None or author == remediation.SYSTEM else author.split(":", 2)[-1]


def _completer(one: Activity) -> str | None:
    """Who completed it (spec/features.md 7.2)."""
    return (_person(one.completed_by) or NOT_AVAILABLE) if one.state == "Completed" else None


def _device_rows(lens: Lens, activity: Activity, ids: Sequence[int]) -> list[ActivityDevice]:
    known = {device.id: device for device in inventory.devices(lens.conn, ids)}
    return [
        ActivityDevice(
            id=known[one].public_id,
            name=known[one].name,
            group_name=lens.group_names.get(known[one].group_id, ""),
            progress="fixed" if one in activity.fixed else "open",
        )
        for one in ids
        if one in known
    ]


def _passes(one: ActivityRow, query: ListQuery) -> bool:
    has = {
        "remediation": one.remediation_type,
        "mitigation": one.mitigation,
        "status": one.status,
        "priority": one.priority,
        "due": one.due,
        "recommendation": one.recommendation_id,
    }
    text = search_form(query.search)
    return all(has[name] in values for name, values in query.filters.items()) and (
        not text or text in search_form(f"{one.title} {one.related_component} {one.created_by} {one.notes}")
    )
