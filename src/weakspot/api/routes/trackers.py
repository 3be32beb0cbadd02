"""Trackers: which there are, connections to them, and the callbacks that they send."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from weakspot import remediation, workflows
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, number_of, services_of
from weakspot.remediation import Tracker
from weakspot.runtime.clock import to_iso

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Value = Annotated[str, msgspec.Meta(max_length=2000)]


class TrackerField(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. ``default`` null: required."""

    name: str
    description: str
    is_secret: bool
    default: str | None


class TrackerKind(msgspec.Struct, frozen=True, kw_only=True):
    """A product that tickets can be opened in."""

    kind: str
    fields: list[TrackerField]


class TrackerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A connection; its secrets are never shown. callback_path: where the other system reports back."""

    id: int
    name: str
    kind: str
    settings: dict[str, str]
    is_enabled: bool
    created_at: str
    failing_since: str | None
    failure: str
    callback_path: str


class TrackerList(msgspec.Struct, frozen=True, kw_only=True):
    """Connections, and the kinds that there are."""

    trackers: list[TrackerRow]
    kinds: list[TrackerKind]


class TrackerRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connection to make; ``settings`` of its kind, secrets included."""

    name: Name
    kind: Name
    settings: Annotated[dict[Name, Value], msgspec.Meta(max_length=50)]


class TrackerSwitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On or off; what waits for it stays."""

    is_enabled: bool


class TrackerRemoval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose: nothing is changed in the other system."""


class CallbackAnswer(msgspec.Struct, frozen=True):
    """How many states were news."""

    news: int


_request = msgspec.json.Decoder(TrackerRequest)
_switch = msgspec.json.Decoder(TrackerSwitch)
_removal = msgspec.json.Decoder(TrackerRemoval)


def _declare(name: str, summary: str, permission: str | None, answer: Any, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="trackers", permission=permission, answer=answer, **more)


LIST = _declare("listTrackers", "Connections to ticketing systems", Permission.MANAGE_SYSTEM, TrackerList)
ADD = _declare(
    "addTracker",
    "Connect a ticketing system",
    Permission.MANAGE_SYSTEM,
    TrackerRow,
    body=TrackerRequest,
    errors=(409,),
)
SWITCH = _declare(
    "switchTracker",
    "Switch a tracker on or off",
    Permission.MANAGE_SYSTEM,
    TrackerRow,
    body=TrackerSwitch,
    errors=(404,),
)
REMOVE = _declare(
    "removeTracker",
    "Forget a tracker with its secrets and tickets",
    Permission.MANAGE_SYSTEM,
    None,
    body=TrackerRemoval,
    status=204,
    errors=(404,),
)
CALLBACK = _declare(
    "receiveTrackerCallback",
    "What a tracker reports back; verified by its signature",
    None,
    CallbackAnswer,
    body=dict[str, Any],
    errors=(401,),
)


@get("/remediation/trackers", opt={OPERATION: LIST}, name=LIST.id)
async def list_trackers(request: ApiRequest) -> Response[bytes]:
    """Without secrets."""
    services = services_of(request)

    def read() -> TrackerList:
        with services.database.read() as conn:
            found = remediation.listed_trackers(conn)
        kinds = [
            TrackerKind(kind=kind, fields=[TrackerField(**msgspec.structs.asdict(one)) for one in fields])
            for kind, fields in sorted(remediation.TRACKER_FIELDS.items())
        ]
        return TrackerList(trackers=[row_of(one) for one in found], kinds=kinds)

    return json_response(await services.reads.run(read))


@post("/remediation/trackers", opt={OPERATION: ADD}, name=ADD.id, status_code=200)
async def add_tracker(request: ApiRequest) -> Response[bytes]:
    """Secrets are sealed and never shown again."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _request)
    made = await services.reads.run(
        lambda: workflows.add_tracker(
            services.database,
            services.vault,
            actor,
            " ".join(body.name.split()),
            body.kind,
            body.settings,
            services.clock(),
        )
    )
    return json_response(row_of(made))


@post("/remediation/trackers/{id:str}/switch", opt={OPERATION: SWITCH}, name=SWITCH.id, status_code=200)
async def switch_tracker(request: ApiRequest) -> Response[bytes]:
    """What waits for it stays."""
    services, actor = services_of(request), caller_of(request)
    tracker_id = number_of(asked_of(request, SWITCH).path["id"])
    body = await body_of(request, _switch)
    found = await services.reads.run(
        lambda: workflows.switch_tracker(services.database, actor, tracker_id, body.is_enabled, services.clock())
    )
    return json_response(row_of(found))


@post("/remediation/trackers/{id:str}/removal", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=204)
async def remove_tracker(request: ApiRequest) -> Response[None]:
    """Nothing is changed in the other system."""
    services, actor = services_of(request), caller_of(request)
    tracker_id = number_of(asked_of(request, REMOVE).path["id"])
    await body_of(request, _removal)
    await services.reads.run(lambda: workflows.remove_tracker(services.database, actor, tracker_id, services.clock()))
    return Response(None, status_code=204)


@post("/remediation/trackers/{id:str}/callback", opt={OPERATION: CALLBACK}, name=CALLBACK.id, status_code=200)
async def receive_callback(request: ApiRequest) -> Response[bytes]:
    """Open to strangers: only what carries the tracker's own signature is read, and only states are taken from it."""
    services = services_of(request)
    tracker_id = number_of(asked_of(request, CALLBACK).path["id"])
    headers: dict[str, str] = request.scope["state"]["headers"]
    body = await request.body()
    news = await services.reads.run(
        lambda: workflows.hear_tracker(
            services.database, services.deliverer, tracker_id, headers, body, services.clock()
        )
    )
    return json_response(CallbackAnswer(news))


def row_of(one: Tracker) -> TrackerRow:
    """A connection as the API writes it."""
    return TrackerRow(
        id=one.id,
        name=one.name,
        kind=one.kind,
        settings=one.settings,
        is_enabled=one.is_enabled,
        created_at=to_iso(one.created_at),
        failing_since=None if one.failing_since is None else to_iso(one.failing_since),
        failure=one.failure,
        callback_path=f"/api/v1/remediation/trackers/{one.id}/callback",
    )


ROUTES = (list_trackers, add_tracker, switch_tracker, remove_tracker, receive_callback)
