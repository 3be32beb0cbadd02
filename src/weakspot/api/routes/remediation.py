"""Remediation: the form of a request, activities and their devices, and how long things may take."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, post, put

from weakspot import remediation, workflows
from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routes import words
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, read_route, services_of
from weakspot.queries import remediation as pages
from weakspot.queries import remediation_request as requests
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens
from weakspot.queries.remediation import ActivityDetail, ActivityDevice, ActivityRow
from weakspot.queries.remediation_forms import AskedActivity, RemediationForm
from weakspot.remediation import Activity, SlaRule
from weakspot.remediation.contracts import MitigationAction, Priority, RemediationOption
from weakspot.runtime.clock import Micros, from_iso
from weakspot.runtime.errors import InvalidField

Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Ident = Annotated[str, msgspec.Meta(min_length=1, max_length=2100)]


class ActivityRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filled form, for one recommendation or for those of a plan at once.

    group_ids null: every device group that the caller may see; due_on (RFC 3339) null: by the rules; option null: as
    recommended; tracker_id: where to open tickets, one for each device group.
    """

    recommendation_ids: Annotated[list[Ident], msgspec.Meta(min_length=1, max_length=100)]
    option: RemediationOption | None = None
    group_ids: Annotated[list[Number], msgspec.Meta(min_length=1, max_length=10_000)] | None = None
    due_on: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    priority: Priority | None = None
    notes: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    mitigation: MitigationAction = "None"
    tracker_id: Number | None = None


class ActivityCompletion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose: the activity is marked as completed by the caller."""


class SlaRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules of due dates; the earliest date of all that hold counts."""

    rules: Annotated[list[SlaRule], msgspec.Meta(max_length=100)]


_request = msgspec.json.Decoder(ActivityRequest)
_completion = msgspec.json.Decoder(ActivityCompletion)
_sla = msgspec.json.Decoder(SlaRules)
_FILTERS = words.FILTERS | {
    "due": "Activities by how their due date stands.",
    "mitigation": "Only those that block, warn, or neither.",
    "priority": "Priorities to show.",
    "progress": "Only devices that show the fix, or only others.",
    "recommendation": "Only activities of this recommendation (id).",
    "status": "Active or completed activities.",
}


def _declare(name: str, summary: str, permission: str, answer: Any, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="remediation", permission=permission, answer=answer, **more)


LIST = _declare(
    "listRemediationActivities",
    "Remediation activities with progress and due dates",
    Permission.TVM_VIEW_DATA,
    Page[ActivityRow],
    parameters=list_parameters(pages.SHAPE, "titles, components, people and notes", _FILTERS),
)
SHOW = _declare(
    "showRemediationActivity",
    "One activity with its tickets",
    Permission.TVM_VIEW_DATA,
    ActivityDetail,
    parameters=(GROUPS,),
    errors=(404,),
)
DEVICES = _declare(
    "listRemediationActivityDevices",
    "Devices that an activity was made for, and what they show",
    Permission.TVM_VIEW_DATA,
    Page[ActivityDevice],
    parameters=list_parameters(pages.DEVICES_SHAPE, "device names and domains", _FILTERS),
    errors=(404,),
)
FORM = _declare(
    "showRemediationForm",
    "What a request for a recommendation can say",
    Permission.TVM_VIEW_DATA,
    RemediationForm,
    parameters=(GROUPS,),
    errors=(404,),
)
REQUEST = _declare(
    "requestRemediation",
    "Ask for remediation; nothing is changed on devices by itself",
    Permission.REMEDIATION_HANDLING,
    list[ActivityRow],
    body=ActivityRequest,
    errors=(404, 409),
)
COMPLETE = _declare(
    "completeRemediation",
    "Mark an activity as completed",
    Permission.REMEDIATION_HANDLING,
    ActivityRow,
    body=ActivityCompletion,
    errors=(404, 409),
)
GET_SLA = _declare("showSlaRules", "How long remediation may take", Permission.TVM_VIEW_DATA, SlaRules)
SET_SLA = _declare(
    "setSlaRules", "Choose how long remediation may take", Permission.MANAGE_SECURITY, SlaRules, body=SlaRules
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[ActivityRow]:
    return pages.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> ActivityDetail:
    return pages.detail(read, scope, asked.path["id"])


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[ActivityDevice]:
    return pages.devices(read, scope, asked.path["id"], asked.query)


def _form(read: ReadContext, scope: Scope, asked: Asked) -> RemediationForm:
    return requests.form(read, scope, asked.path["id"])


def _get_sla(read: ReadContext, _scope: Scope, _asked: Asked) -> SlaRules:
    return SlaRules(rules=list(remediation.sla_rules(read.conn)))


@post("/remediation/activities", opt={OPERATION: REQUEST}, name=REQUEST.id, status_code=200)
async def request_remediation(request: ApiRequest) -> Response[bytes]:
    """The devices that are exposed now are those that the activity is about."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _request)
    due_at = None if body.due_on is None else moment_of(body.due_on)
    wanted = [
        AskedActivity(
            recommendation_id=ident,
            option=body.option,
            group_ids=None if body.group_ids is None else frozenset(body.group_ids),
            due_at=due_at,
            priority=body.priority,
            notes=body.notes.strip(),
            mitigation=body.mitigation,
        )
        for ident in dict.fromkeys(body.recommendation_ids)
    ]
    new = await services.reads.read(lambda read: [requests.resolve(read, actor.scope, one) for one in wanted])
    made = await services.reads.run(
        lambda: workflows.request_activities(
            services.database, actor, new, body.tracker_id, services.clock(), services.random
        )
    )
    return await _answer(request, made)


@post("/remediation/activities/{id:str}/completion", opt={OPERATION: COMPLETE}, name=COMPLETE.id, status_code=200)
async def complete_remediation(request: ApiRequest) -> Response[bytes]:
    """Opened again when a device that was fixed is not any more."""
    services, actor = services_of(request), caller_of(request)
    public_id = asked_of(request, COMPLETE).path["id"]
    await body_of(request, _completion)
    done = await services.reads.run(
        lambda: workflows.complete_activity(services.database, actor, public_id, services.clock())
    )
    rows = await services.reads.read(lambda read: pages.rows(Lens(read, actor.scope), [done]))
    return json_response(rows[0])


@put("/remediation/sla", opt={OPERATION: SET_SLA}, name=SET_SLA.id, status_code=200)
async def set_sla(request: ApiRequest) -> Response[bytes]:
    """For requests made from now on."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _sla)
    await services.reads.run(
        lambda: workflows.set_sla_rules(services.database, actor, tuple(body.rules), services.clock())
    )
    return json_response(body)


def moment_of(text: str) -> Micros:
    """A moment in a request. Raises InvalidField."""
    try:
        return from_iso(text)
    except ValueError as error:
        raise InvalidField(f"due_on is no moment: {error}.", field="due_on") from None


async def _answer(request: ApiRequest, made: list[Activity]) -> Response[bytes]:
    scope = caller_of(request).scope
    return json_response(await services_of(request).reads.read(lambda read: pages.rows(Lens(read, scope), made)))


ROUTES = (
    read_route("/remediation/activities", LIST, _list),
    read_route("/remediation/sla", GET_SLA, _get_sla),
    read_route("/remediation/activities/{id:str}", SHOW, _show),
    read_route("/remediation/activities/{id:str}/devices", DEVICES, _devices),
    read_route("/recommendations/{id:str}/remediation-form", FORM, _form),
    request_remediation,
    complete_remediation,
    set_sla,
)
