"""Baseline profiles: sets of checks that chosen devices are to comply with (spec/features.md 17.1)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, post, put

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, read_route, services_of
from weakspot.posture.baselines import Profile
from weakspot.queries import baselines
from weakspot.queries.base import ReadContext
from weakspot.queries.baseline_contracts import (
    BaselineDetail,
    BaselineDeviceRow,
    BaselineOverview,
    BaselineRow,
    DeviceBaseline,
)
from weakspot.queries.contracts import Page
from weakspot.workflows.baselines import add_baseline, change_baseline, remove_baseline

_profile = msgspec.json.Decoder(Profile)


def _reads(name: str, summary: str, answer: Any, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="baselines", permission=Permission.TVM_VIEW_DATA, answer=answer,
        **({"parameters": (GROUPS,)} | more),
    )  # fmt: skip


def _writes(name: str, summary: str, answer: Any, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="baselines", permission=Permission.MANAGE_BASELINES, answer=answer, **more
    )


LIST = _reads("listBaselines", "Baseline profiles, by name", list[BaselineRow])
OVERVIEW = _reads("showBaselineCompliance", "All enabled profiles together, and what fails most", BaselineOverview)
SHOW = _reads("showBaseline", "One profile with its checks", BaselineDetail, errors=(404,))
DEVICES = _reads(
    "listBaselineDevices",
    "Devices that a profile is for, and how they stand to it",
    Page[BaselineDeviceRow],
    parameters=list_parameters(
        baselines.DEVICES,
        "device names and domains",
        {
            "compliance": "Only devices that stand so.",
            "configuration": "Devices by how they stand to this check of the profile (its id) alone.",
        },
    ),
    errors=(404,),
)
OF_DEVICE = _reads(
    "listDeviceBaselines", "The profiles that are for one device, and what they ask of it", list[DeviceBaseline],
    errors=(404,),
)  # fmt: skip
ADD = _writes("addBaseline", "Write a profile; in force at once", BaselineDetail, body=Profile, errors=(409,))
CHANGE = _writes("changeBaseline", "Replace a profile", BaselineDetail, body=Profile, errors=(404, 409))
REMOVE = _writes("removeBaseline", "Remove a profile; its checks stay", None, status=204, errors=(404,))


def _list(read: ReadContext, scope: Scope, _: Asked) -> list[BaselineRow]:
    return baselines.listed(read, scope)


def _overview(read: ReadContext, scope: Scope, _: Asked) -> BaselineOverview:
    return baselines.overview(read, scope)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> BaselineDetail:
    return baselines.detail(read, scope, asked.path["id"])


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[BaselineDeviceRow]:
    return baselines.devices(read, scope, asked.path["id"], asked.query)


def _of_device(read: ReadContext, scope: Scope, asked: Asked) -> list[DeviceBaseline]:
    return baselines.of_device(read, scope, asked.path["id"])


@post("/baselines", opt={OPERATION: ADD}, name=ADD.id, status_code=200)
async def add(request: ApiRequest) -> Response[bytes]:
    """Answers the profile as it stands then."""
    services, actor = services_of(request), caller_of(request)
    profile = await body_of(request, _profile)
    made = await services.reads.run(
        lambda: add_baseline(services.database, actor, profile, services.clock(), services.random)
    )
    return json_response(await services.reads.read(lambda read: baselines.detail(read, actor.scope, made.id)))


@put("/baselines/{id:str}", opt={OPERATION: CHANGE}, name=CHANGE.id)
async def change(request: ApiRequest) -> Response[bytes]:
    """Answers the profile as it stands then."""
    services, actor = services_of(request), caller_of(request)
    ident = asked_of(request, CHANGE).path["id"]
    profile = await body_of(request, _profile)
    made = await services.reads.run(
        lambda: change_baseline(services.database, actor, ident, profile, services.clock())
    )  # fmt: skip
    return json_response(await services.reads.read(lambda read: baselines.detail(read, actor.scope, made.id)))


@delete("/baselines/{id:str}", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=204)
async def remove(request: ApiRequest) -> None:
    """What devices told stays."""
    services, actor = services_of(request), caller_of(request)
    ident = asked_of(request, REMOVE).path["id"]
    await services.reads.run(lambda: remove_baseline(services.database, actor, ident, services.clock()))


ROUTES = (
    read_route("/baselines", LIST, _list),
    read_route("/baseline-compliance", OVERVIEW, _overview),
    read_route("/baselines/{id:str}", SHOW, _show),
    read_route("/baselines/{id:str}/devices", DEVICES, _devices),
    read_route("/devices/{id:str}/baselines", OF_DEVICE, _of_device),
    add,
    change,
    remove,
)
