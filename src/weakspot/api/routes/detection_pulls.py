"""Products that are asked for their alerts: which there are, connections to them, and how old what they say is."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from weakspot import workflows
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, number_of, services_of
from weakspot.runtime.clock import SECOND, Micros, to_iso
from weakspot.threats import pulls
from weakspot.threats.pulls import Pull
from weakspot.workflows import PullTrial

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Value = Annotated[str, msgspec.Meta(max_length=2000)]


class DetectionPullField(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. ``default`` null: required."""

    name: str
    description: str
    is_secret: bool
    default: str | None


class DetectionPullKind(msgspec.Struct, frozen=True, kw_only=True):
    """A product that can be asked."""

    kind: str
    fields: list[DetectionPullField]


class DetectionPullRow(msgspec.Struct, frozen=True, kw_only=True):
    """A connection; its secrets are never shown.

    age_seconds: since it was last asked to the end, null where it never was; is_stale: nothing was heard for a quarter
    of an hour; next_try_at: no earlier than that; updates_until: updates before it were taken; alerts: taken so far,
    those that came again included.
    """

    id: int
    name: str
    kind: str
    settings: dict[str, str]
    is_enabled: bool
    created_at: str
    last_success_at: str | None
    age_seconds: int | None
    is_stale: bool
    failures: int
    failure: str
    next_try_at: str | None
    updates_until: str | None
    alerts: int


class DetectionPullList(msgspec.Struct, frozen=True, kw_only=True):
    """Connections, and the kinds that there are."""

    connections: list[DetectionPullRow]
    kinds: list[DetectionPullKind]


class DetectionPullRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connection to make; ``settings`` of its kind, secrets included."""

    name: Name
    kind: Name
    settings: Annotated[dict[Name, Value], msgspec.Meta(max_length=50)]


class DetectionPullSwitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On or off; it goes on where it was."""

    is_enabled: bool


class DetectionPullRemoval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose: detections stay."""


class DetectionPullTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose: nothing of the answer is kept."""


_request = msgspec.json.Decoder(DetectionPullRequest)
_switch = msgspec.json.Decoder(DetectionPullSwitch)
_removal = msgspec.json.Decoder(DetectionPullRemoval)
_trial = msgspec.json.Decoder(DetectionPullTrial)


def _declare(name: str, summary: str, answer: Any, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="detections", permission=Permission.MANAGE_SYSTEM, answer=answer, **more
    )


LIST = _declare(
    "listDetectionPulls", "Products that are asked for their alerts, and how old what they say is", DetectionPullList
)
ADD = _declare(
    "addDetectionPull",
    "Connect a product that is asked for its alerts",
    DetectionPullRow,
    body=DetectionPullRequest,
    errors=(409,),
)
SWITCH = _declare(
    "switchDetectionPull",
    "Switch a connection on or off",
    DetectionPullRow,
    body=DetectionPullSwitch,
    errors=(404,),
)
TRY = _declare(
    "tryDetectionPull",
    "Ask once, now; what comes back is counted and not kept",
    PullTrial,
    body=DetectionPullTrial,
    errors=(404,),
)
REMOVE = _declare(
    "removeDetectionPull",
    "Forget a connection with its secrets",
    None,
    body=DetectionPullRemoval,
    status=204,
    errors=(404,),
)


@get("/detection-pulls", opt={OPERATION: LIST}, name=LIST.id)
async def list_pulls(request: ApiRequest) -> Response[bytes]:
    """Without secrets."""
    services = services_of(request)

    def read() -> DetectionPullList:
        with services.database.read() as conn:
            found = pulls.listed(conn)
        kinds = [
            DetectionPullKind(kind=kind, fields=[DetectionPullField(**msgspec.structs.asdict(one)) for one in fields])
            for kind, fields in sorted(pulls.FIELDS.items())
        ]
        now = services.clock()
        return DetectionPullList(connections=[row_of(one, now) for one in found], kinds=kinds)

    return json_response(await services.reads.run(read))


@post("/detection-pulls", opt={OPERATION: ADD}, name=ADD.id, status_code=200)
async def add_pull(request: ApiRequest) -> Response[bytes]:
    """Secrets are sealed and never shown again; it is asked within a quarter of a minute."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _request)
    name, now = " ".join(body.name.split()), services.clock()
    made = await services.reads.run(
        lambda: workflows.add_detection_pull(
            services.database, services.vault, actor, name, body.kind, body.settings, now
        )
    )
    return json_response(row_of(made, now))


@post("/detection-pulls/{id:str}/switch", opt={OPERATION: SWITCH}, name=SWITCH.id, status_code=200)
async def switch_pull(request: ApiRequest) -> Response[bytes]:
    """It goes on where it was."""
    services, actor = services_of(request), caller_of(request)
    pull_id = number_of(asked_of(request, SWITCH).path["id"])
    body, now = await body_of(request, _switch), services.clock()
    found = await services.reads.run(
        lambda: workflows.switch_detection_pull(services.database, actor, pull_id, body.is_enabled, now)
    )
    return json_response(row_of(found, now))


@post("/detection-pulls/{id:str}/trial", opt={OPERATION: TRY}, name=TRY.id, status_code=200)
async def try_pull(request: ApiRequest) -> Response[bytes]:
    """Also of one that is switched off; the state of the connection stays."""
    services, actor = services_of(request), caller_of(request)
    pull_id = number_of(asked_of(request, TRY).path["id"])
    await body_of(request, _trial)
    told = await services.reads.run(
        lambda: workflows.try_detection_pull(services.database, services.vault, actor, pull_id, services.clock())
    )
    return json_response(told)


@post("/detection-pulls/{id:str}/removal", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=204)
async def remove_pull(request: ApiRequest) -> Response[None]:
    """Detections stay."""
    services, actor = services_of(request), caller_of(request)
    pull_id = number_of(asked_of(request, REMOVE).path["id"])
    await body_of(request, _removal)
    await services.reads.run(
        lambda: workflows.remove_detection_pull(services.database, actor, pull_id, services.clock())
    )
    return Response(None, status_code=204)


def row_of(one: Pull, now: Micros) -> DetectionPullRow:
    """A connection as the API writes it."""
    state = one.state
    age = None if state.last_success_at is None else max(0, now - state.last_success_at) // SECOND
    return DetectionPullRow(
        id=one.id,
        name=one.name,
        kind=one.kind,
        settings=one.settings,
        is_enabled=one.is_enabled,
        created_at=to_iso(one.created_at),
        last_success_at=None if state.last_success_at is None else to_iso(state.last_success_at),
        age_seconds=age,
        is_stale=one.is_enabled and pulls.is_stale(state, one.created_at, now),
        failures=state.failures,
        failure=state.failure,
        next_try_at=to_iso(state.not_before_at) if one.is_enabled and state.not_before_at else None,
        updates_until=None if state.since_at is None else to_iso(state.since_at),
        alerts=state.taken,
    )


ROUTES = (list_pulls, add_pull, switch_pull, try_pull, remove_pull)
