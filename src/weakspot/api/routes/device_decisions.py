"""What people decide about devices: tags, value, criticality, reach, group, exclusion."""

from __future__ import annotations

import msgspec
from litestar import Response, post

from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, body_of, caller_of, json_response, services_of
from weakspot.workflows import device_decisions
from weakspot.workflows.device_decisions import DeviceDecision, DeviceTags


class DecisionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many devices the decision is about."""

    devices: int


_decision = msgspec.json.Decoder(DeviceDecision)

DECIDE = Operation(
    id="decideDevices",
    summary="Tag, value, rate, place or exclude devices; in force, and counted so, at once",
    tag="devices",
    permission=Permission.MANAGE_SECURITY,
    answer=DecisionAnswer,
    body=DeviceDecision,
    errors=(404, 409),
)
_tags = msgspec.json.Decoder(DeviceTags)
TAG = Operation(
    id="tagDevices",
    summary="Give tags to devices or take them away; in force at once",
    tag="devices",
    permission=Permission.INVESTIGATE_ALERTS,
    answer=DecisionAnswer,
    body=DeviceTags,
    errors=(404, 409),
)


@post("/devices/decisions", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=200)
async def decide_devices(request: ApiRequest) -> Response[bytes]:
    """All of the devices or, when one is not the caller's, none."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _decision)
    count = await services.reads.run(
        lambda: device_decisions.decide_devices(services.database, actor, asked, services.clock())
    )
    return json_response(DecisionAnswer(devices=count))


@post("/devices/tags", opt={OPERATION: TAG}, name=TAG.id, status_code=200)
async def tag_devices(request: ApiRequest) -> Response[bytes]:
    """All of the devices or, when one is not the caller's, none. For who investigates and decides nothing else."""
    services, actor = services_of(request), caller_of(request)
    tags = await body_of(request, _tags)
    asked = DeviceDecision(
        devices=tags.devices, add_tags=tags.add_tags, remove_tags=tags.remove_tags, reason=tags.reason
    )
    count = await services.reads.run(
        lambda: device_decisions.decide_devices(services.database, actor, asked, services.clock())
    )
    return json_response(DecisionAnswer(devices=count))


ROUTES = (decide_devices, tag_devices)
