"""Who is whom: clones, re-images and duplicates; merging, keeping apart, undoing; removing devices."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, number_of, read_route, services_of
from weakspot.queries import identity
from weakspot.queries.base import ReadContext
from weakspot.queries.identity import DeviceContext, IdentityRow, MergedDeviceRow
from weakspot.workflows import device_identity

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class IdentityDecisionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is decided about a finding."""

    decision: Literal["merge", "keep_apart", "undo"]


class MergeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The device that the one of the path is, and why."""

    into: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    reason: Reason


class RemovalRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the device is removed."""

    reason: Reason


class UndoRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose."""


_decision = msgspec.json.Decoder(IdentityDecisionRequest)
_merge = msgspec.json.Decoder(MergeRequest)
_removal = msgspec.json.Decoder(RemovalRequest)
_undo = msgspec.json.Decoder(UndoRequest)


def _declare(name: str, summary: str, body: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="device identity", permission=Permission.MANAGE_SECURITY, body=body, status=204,
        errors=(404, 409),
    )  # fmt: skip


EVENTS = Operation(
    id="listIdentityFindings",
    summary="Clones, re-images and duplicates that were found, open ones first",
    tag="device identity",
    permission=Permission.VIEW_DATA,
    answer=list[IdentityRow],
    parameters=(GROUPS,),
)
MERGED = Operation(
    id="listMergedDevices",
    summary="Devices that were merged into another one, the newest merge first",
    tag="device identity",
    permission=Permission.VIEW_DATA,
    answer=list[MergedDeviceRow],
    parameters=(GROUPS,),
)
CONTEXT = Operation(
    id="showDeviceContext",
    summary="Why a device matters: business context, sensitive data, users, who gave which tag",
    tag="devices",
    permission=Permission.VIEW_DATA,
    answer=DeviceContext,
    parameters=(GROUPS,),
    errors=(404,),
)
DECIDE = _declare("decideIdentityFinding", "Merge, keep apart, or undo a merge", IdentityDecisionRequest)
MERGE = _declare("mergeDevice", "Say that a device is another one; can be undone", MergeRequest)
UNMERGE = _declare("unmergeDevice", "Undo a merge", UndoRequest)
REMOVE = _declare("removeDevice", "Remove a device for good; should it come back, it is a new one", RemovalRequest)


def _events(read: ReadContext, scope: Scope, _: Asked) -> list[IdentityRow]:
    return identity.events(read, scope)


def _merged(read: ReadContext, scope: Scope, _: Asked) -> list[MergedDeviceRow]:
    return identity.merged(read, scope)


def _context(read: ReadContext, scope: Scope, asked: Asked) -> DeviceContext:
    return identity.device_context(read, scope, asked.path["id"])


@post("/identity-findings/{id:str}/decision", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=204)
async def decide_identity_finding(request: ApiRequest) -> Response[None]:
    """Nothing is merged by itself."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, DECIDE).path["id"])
    asked = await body_of(request, _decision)
    await services.reads.run(
        lambda: device_identity.decide_identity(services.database, actor, number, asked.decision, services.clock())
    )
    return Response(None, status_code=204)


@post("/devices/{id:str}/merge", opt={OPERATION: MERGE}, name=MERGE.id, status_code=204)
async def merge_device(request: ApiRequest) -> Response[None]:
    """It leaves all lists; what speaks for it speaks for the other."""
    services, actor = services_of(request), caller_of(request)
    public_id = asked_of(request, MERGE).path["id"]
    asked = await body_of(request, _merge)
    await services.reads.run(
        lambda: device_identity.merge_devices(
            services.database, actor, public_id, asked.into, asked.reason, services.clock()
        )
    )
    return Response(None, status_code=204)


@post("/devices/{id:str}/unmerge", opt={OPERATION: UNMERGE}, name=UNMERGE.id, status_code=204)
async def unmerge_device(request: ApiRequest) -> Response[None]:
    """It is there again with its keys."""
    services, actor = services_of(request), caller_of(request)
    public_id = asked_of(request, UNMERGE).path["id"]
    await body_of(request, _undo)
    await services.reads.run(
        lambda: device_identity.unmerge_device(services.database, actor, public_id, services.clock())
    )
    return Response(None, status_code=204)


@post("/devices/{id:str}/removal", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=204)
async def remove_device(request: ApiRequest) -> Response[None]:
    """Its keys end; its past stays."""
    services, actor = services_of(request), caller_of(request)
    public_id = asked_of(request, REMOVE).path["id"]
    asked = await body_of(request, _removal)
    await services.reads.run(
        lambda: device_identity.remove_device(services.database, actor, public_id, asked.reason, services.clock())
    )
    return Response(None, status_code=204)


ROUTES = (
    read_route("/identity-findings", EVENTS, _events),
    decide_identity_finding,
    read_route("/merged-devices", MERGED, _merged),
    merge_device,
    unmerge_device,
    remove_device,
    read_route("/devices/{id:str}/context", CONTEXT, _context),
)
