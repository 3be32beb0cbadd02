"""Exceptions: the list, requests, approvals, cancellations and the policy behind them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, post, put

from weakspot import exceptions, workflows
from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routes import words
from weakspot.api.routing import (
    ApiRequest,
    asked_of,
    body_of,
    caller_of,
    json_response,
    number_of,
    read_route,
    services_of,
)
from weakspot.exceptions import KeptException, Policy
from weakspot.exceptions.contracts import Decision, Justification, ScopeKind, SubjectKind
from weakspot.queries import devices as device_pages
from weakspot.queries import exceptions as pages
from weakspot.queries import exceptions_vex
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import DeviceRow, Page
from weakspot.queries.exceptions import AskedException, AskedScope, ExceptionRow, NamedGroup, OfferedGroup
from weakspot.remediation import vex
from weakspot.runtime.clock import DAY, Micros, from_iso, to_iso
from weakspot.runtime.errors import InvalidField

Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=2100)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
_FILTERS = {
    "justification": "Justifications to show.",
    "type": "Scopes to show: global, by device group, tag, device or software.",
    "status": "Statuses to show.",
    "subject": "Only exceptions of recommendations, or only of single vulnerabilities.",
}
SUBJECTS = ("recommendation", "vulnerability")


class ExceptionScopeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it is to hold. ``is_all_groups``: every device group of now; devices and software by their public ids."""

    kind: ScopeKind
    group_ids: Annotated[list[Number], msgspec.Meta(max_length=10_000)] = []
    is_all_groups: bool = False
    tags: Annotated[list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=100)] = []
    devices: Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=10_000)] = []
    software: Annotated[list[Name], msgspec.Meta(max_length=100)] = []


class ExceptionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be excepted, where, why and until when: ``days`` from now (30, 60, 90, ...), or a moment (RFC 3339).

    subject: id of a recommendation, or name of a vulnerability. ``no_patch`` is for vulnerabilities only.
    """

    subject_kind: SubjectKind
    subject: Name
    scope: ExceptionScopeRequest
    justification: Justification
    context: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] | None = None
    until: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class ExceptionDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody else says to a request."""

    decision: Decision
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class ExceptionCancellation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which device group it ends; null: for all."""

    group_id: Number | None = None


class ExceptionPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """is_four_eyes: who asks for an exception cannot approve it."""

    is_four_eyes: bool


class VexImport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenVEX, CSAF or CycloneDX document; each statement becomes an exception of one vulnerability."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    document: dict[str, Any]


class VexImported(msgspec.Struct, frozen=True, kw_only=True):
    """exceptions: ids of those made; unknown: statements about nothing that is known here."""

    exceptions: list[int]
    unknown: int


_vex = msgspec.json.Decoder(VexImport)
_request = msgspec.json.Decoder(ExceptionRequest)
_decision = msgspec.json.Decoder(ExceptionDecision)
_cancellation = msgspec.json.Decoder(ExceptionCancellation)
_policy = msgspec.json.Decoder(ExceptionPolicy)


def _declare(name: str, summary: str, permission: str, answer: Any, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="exceptions", permission=permission, answer=answer, **more)


LIST = _declare(
    "listExceptions",
    "Exceptions, past ones included",
    Permission.TVM_VIEW_DATA,
    Page[ExceptionRow],
    parameters=list_parameters(pages.SHAPE, "subjects, contexts and people", _FILTERS),
)
SHOW = _declare(
    "showException", "One exception", Permission.TVM_VIEW_DATA, ExceptionRow, parameters=(GROUPS,), errors=(404,)
)
DEVICES = _declare(
    "listExceptionDevices",
    "Devices that an exception in force reaches",
    Permission.TVM_VIEW_DATA,
    Page[DeviceRow],
    parameters=list_parameters(device_pages.SHAPE, "device names and domains", words.FILTERS),
    errors=(404,),
)
GROUP_LIST = _declare(
    "listExceptionDeviceGroups",
    "Device groups that an exception names",
    Permission.TVM_VIEW_DATA,
    Page[NamedGroup],
    parameters=list_parameters(pages.GROUPS_SHAPE, "names of device groups", {}),
    errors=(404,),
)
OFFERED = _declare(
    "listExceptionGroups",
    "Device groups for the form, and which of them have an exception of this subject already",
    Permission.REMEDIATION_EXCEPTIONS,
    list[OfferedGroup],
    parameters=(
        Parameter(name="subject_kind", description="What it is about.", values=SUBJECTS, default="recommendation"),
        Parameter(name="subject", description="Id of a recommendation, or name of a vulnerability."),
        GROUPS,
    ),
    errors=(404,),
)
REQUEST = _declare(
    "requestException",
    "Ask for an exception; in force at once unless two people must agree",
    Permission.REMEDIATION_EXCEPTIONS,
    ExceptionRow,
    body=ExceptionRequest,
    errors=(404, 409),
)
DECIDE = _declare(
    "decideException",
    "Approve or refuse somebody else's request",
    Permission.REMEDIATION_EXCEPTIONS,
    ExceptionRow,
    body=ExceptionDecision,
    errors=(404, 409),
)
CANCEL = _declare(
    "cancelException",
    "End an exception early, for a device group or for all",
    Permission.REMEDIATION_EXCEPTIONS,
    ExceptionRow,
    body=ExceptionCancellation,
    errors=(404, 409),
)
GET_POLICY = _declare("showExceptionPolicy", "How exceptions are decided", Permission.TVM_VIEW_DATA, ExceptionPolicy)
SET_POLICY = _declare(
    "setExceptionPolicy",
    "Choose how exceptions are decided",
    Permission.MANAGE_SECURITY,
    ExceptionPolicy,
    body=ExceptionPolicy,
)

EXPORT_VEX = _declare(
    "exportExceptions",
    "Exceptions in force as a VEX document: those that hold for all devices",
    Permission.TVM_VIEW_DATA,
    dict[str, Any],
    parameters=(
        Parameter(name="form", description="Which format.", values=tuple(vex.FORMATS), default="openvex"),
        GROUPS,
    ),
)
IMPORT_VEX = _declare(
    "importExceptions",
    "Ask for an exception for each statement of a VEX document, all or none",
    Permission.REMEDIATION_EXCEPTIONS,
    VexImported,
    body=VexImport,
    errors=(409,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[ExceptionRow]:
    return pages.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> ExceptionRow:
    return pages.detail(read, scope, number_of(asked.path["id"]))


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    return pages.devices(read, scope, number_of(asked.path["id"]), asked.query)


def _groups(read: ReadContext, scope: Scope, asked: Asked) -> Page[NamedGroup]:
    return pages.groups(read, scope, number_of(asked.path["id"]), asked.query)


def _offered(read: ReadContext, scope: Scope, asked: Asked) -> list[OfferedGroup]:
    kind: SubjectKind = "vulnerability" if asked.values.get("subject_kind") == "vulnerability" else "recommendation"
    return pages.offered_groups(read, scope, kind, asked.values.get("subject", ""))


def _get_policy(read: ReadContext, _scope: Scope, _asked: Asked) -> ExceptionPolicy:
    return ExceptionPolicy(is_four_eyes=exceptions.get_policy(read.conn).is_four_eyes)


def _export(read: ReadContext, scope: Scope, asked: Asked) -> dict[str, Any]:
    write = vex.FORMATS[asked.values.get("form", "openvex")]
    return write(exceptions_vex.statements(read, scope), to_iso(read.now))


@post("/exceptions/vex", opt={OPERATION: IMPORT_VEX}, name=IMPORT_VEX.id, status_code=200)
async def import_exceptions(request: ApiRequest) -> Response[bytes]:
    """Statements about software or vulnerabilities that are not known here are counted and left out."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _vex)
    now = services.clock()
    told = vex.read(body.document)
    until_at = now + body.days * DAY
    new, unknown = await services.reads.read(lambda read: exceptions_vex.wanted(read, actor.scope, told, until_at))
    kept = await services.reads.run(lambda: workflows.request_exceptions(services.database, actor, new, now))
    return json_response(VexImported(exceptions=[one.id for one in kept], unknown=unknown))


@post("/exceptions", opt={OPERATION: REQUEST}, name=REQUEST.id, status_code=200)
async def request_exception(request: ApiRequest) -> Response[bytes]:
    """Names are resolved within what the caller may see."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _request)
    now = services.clock()
    asked = to_asked(body, now)
    new = await services.reads.read(lambda read: pages.resolve(read, actor.scope, asked))
    kept = await services.reads.run(lambda: workflows.request_exceptions(services.database, actor, [new], now)[0])
    return await _answer(request, kept)


@post("/exceptions/{id:str}/decision", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=200)
async def decide_exception(request: ApiRequest) -> Response[bytes]:
    """Whoever asked for it cannot approve it."""
    services, actor = services_of(request), caller_of(request)
    exception_id = number_of(asked_of(request, DECIDE).path["id"])
    body = await body_of(request, _decision)
    kept = await services.reads.run(
        lambda: workflows.decide_exception(
            services.database, actor, exception_id, body.decision, body.note, services.clock()
        )
    )
    return await _answer(request, kept)


@post("/exceptions/{id:str}/cancellation", opt={OPERATION: CANCEL}, name=CANCEL.id, status_code=200)
async def cancel_exception(request: ApiRequest) -> Response[bytes]:
    """Only for groups that the caller may manage."""
    services, actor = services_of(request), caller_of(request)
    exception_id = number_of(asked_of(request, CANCEL).path["id"])
    body = await body_of(request, _cancellation)
    kept = await services.reads.run(
        lambda: workflows.cancel_exception(services.database, actor, exception_id, body.group_id, services.clock())
    )
    return await _answer(request, kept)


@put("/exceptions/policy", opt={OPERATION: SET_POLICY}, name=SET_POLICY.id, status_code=200)
async def set_policy(request: ApiRequest) -> Response[bytes]:
    """For requests made from now on."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _policy)
    policy = Policy(is_four_eyes=body.is_four_eyes)
    await services.reads.run(lambda: workflows.set_exception_policy(services.database, actor, policy, services.clock()))
    return json_response(body)


def to_asked(body: ExceptionRequest, now: Micros) -> AskedException:
    """A request as the read model resolves it. Raises InvalidField."""
    if (body.days is None) == (body.until is None):
        raise InvalidField("Say until when: either days or until.", field="days")
    try:
        until_at = now + (body.days or 0) * DAY if body.until is None else from_iso(body.until)
    except ValueError as error:
        raise InvalidField(f"until is no moment: {error}.", field="until") from None
    scope = body.scope
    return AskedException(
        subject_kind=body.subject_kind,
        subject=body.subject,
        scope=AskedScope(
            kind=scope.kind,
            group_ids=tuple(scope.group_ids),
            is_all_groups=scope.is_all_groups,
            tags=tuple(scope.tags),
            devices=tuple(scope.devices),
            software=tuple(scope.software),
        ),
        justification=body.justification,
        context=body.context,
        until_at=until_at,
    )


async def _answer(request: ApiRequest, kept: KeptException) -> Response[bytes]:
    scope = caller_of(request).scope
    return json_response(await services_of(request).reads.read(lambda read: pages.detail(read, scope, kept.id)))


ROUTES = (
    read_route("/exceptions", LIST, _list),
    read_route("/exceptions/policy", GET_POLICY, _get_policy),
    read_route("/exceptions/groups", OFFERED, _offered),
    read_route("/exceptions/vex", EXPORT_VEX, _export),
    import_exceptions,
    read_route("/exceptions/{id:str}", SHOW, _show),
    read_route("/exceptions/{id:str}/devices", DEVICES, _devices),
    read_route("/exceptions/{id:str}/groups", GROUP_LIST, _groups),
    request_exception,
    decide_exception,
    cancel_exception,
    set_policy,
)
