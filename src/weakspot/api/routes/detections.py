"""Detections: products send what they detected, people look at it and say what it is."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, post, put

from weakspot import threats, workflows
from weakspot.access import Permission, Scope
from weakspot.api.listing import Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routes import words
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, read_route, services_of
from weakspot.api.wire import check_json, decode
from weakspot.queries import alerts
from weakspot.queries.alert_rows import DetectionDetail, DetectionRow, IntakeRow
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens
from weakspot.runtime.errors import InvalidField, TooLarge
from weakspot.threats.contracts import MAX_EVENTS, Classification, DetectionSeverity, DetectionStatus
from weakspot.workflows import DetectionsTaken

LINES = "application/x-ndjson"
MAX_DEPTH = 64

Path = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Paths = Annotated[list[Path], msgspec.Meta(max_length=20)]
Word = Annotated[str, msgspec.Meta(max_length=100)]
Note = Annotated[str, msgspec.Meta(max_length=4000)]


class DetectionDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a detection; what is left out stays as it was."""

    status: DetectionStatus | None = None
    classification: Classification | None = None
    determination: Word | None = None
    assigned_to: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    comment: Note | None = None


class DetectionMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a product of one's own has what: dotted paths into its JSON, the first with a value counts.

    items: where the list of events is (empty: ``events``, ``alerts`` or ``detections``, or the body itself);
    severities and statuses: their words in lower case -> ours.
    """

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_-]{1,39}$")]
    product: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    items: Annotated[str, msgspec.Meta(max_length=200)] = ""
    source_id: Annotated[list[Path], msgspec.Meta(min_length=1, max_length=20)]
    title: Annotated[list[Path], msgspec.Meta(min_length=1, max_length=20)]
    severity: Paths = []
    severities: Annotated[dict[Word, DetectionSeverity], msgspec.Meta(max_length=50)] = {}
    status: Paths = []
    statuses: Annotated[dict[Word, DetectionStatus], msgspec.Meta(max_length=50)] = {}
    description: Paths = []
    category: Paths = []
    rule: Paths = []
    url: Paths = []
    first_at: Paths = []
    last_at: Paths = []
    device_ids: Paths = []
    device_names: Paths = []
    device_hardware: Paths = []
    device_addresses: Paths = []
    vulnerabilities: Paths = []
    techniques: Paths = []
    paths: Paths = []
    programs: Paths = []
    user: Paths = []


_any = msgspec.json.Decoder(Any)
_decision = msgspec.json.Decoder(DetectionDecision)
_mapping = msgspec.json.Decoder(DetectionMapping)


def _declare(name: str, summary: str, permission: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="detections", permission=permission, answer=answer, body=body, **more
    )


TAKE = _declare(
    "takeDetections",
    "Take detections of a product: one event, a list, or JSON lines; the same event again is an update",
    Permission.ALERT_WRITE,
    DetectionsTaken,
    dict[str, Any],
    errors=(404, 413, 415),
)
LIST = _declare(
    "listDetections",
    "Detections, newest first",
    Permission.TVM_VIEW_DATA,
    Page[DetectionRow],
    parameters=list_parameters(alerts.SHAPE, "titles, products, rules and device names", words.FILTERS),
)
SHOW = _declare(
    "showDetection", "One detection with what it hangs on", Permission.TVM_VIEW_DATA, DetectionDetail, errors=(404,)
)
DECIDE = _declare(
    "decideDetection",
    "Say what a detection is; it counts while it is new or in progress",
    Permission.INVESTIGATE_ALERTS,
    DetectionDetail,
    DetectionDecision,
    errors=(404,),
)
INTAKES = _declare(
    "listDetectionIntakes", "Formats that detections are taken in", Permission.TVM_VIEW_DATA, list[IntakeRow]
)
MAPPINGS = _declare(
    "listDetectionMappings", "Mappings of own products", Permission.MANAGE_SECURITY, list[DetectionMapping]
)
PUT_MAPPING = _declare(
    "putDetectionMapping",
    "Add or replace a mapping; its name is an intake from then on",
    Permission.MANAGE_SECURITY,
    None,
    DetectionMapping,
    status=204,
    errors=(409, 413),
)
REMOVE_MAPPING = _declare(
    "removeDetectionMapping", "Remove a mapping", Permission.MANAGE_SECURITY, None, status=204, errors=(404,)
)


@post("/detections/{name:str}", opt={OPERATION: TAKE}, name=TAKE.id, status_code=200)
async def take_detections(request: ApiRequest) -> Response[bytes]:
    """Answered once they are durable; insights and hazards follow within a moment."""
    services, caller = services_of(request), caller_of(request)
    name = asked_of(request, TAKE).path["name"]
    body = await _events_of(request)
    taken = await services.reads.run(
        lambda: workflows.record_detections(services.database, caller, name[:100], body, services.clock())
    )
    return json_response(taken)


@post("/detections/{name:str}/decision", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=200)
async def decide_detection(request: ApiRequest) -> Response[bytes]:
    """In force at once."""
    services, actor = services_of(request), caller_of(request)
    public_id = asked_of(request, DECIDE).path["name"]
    asked = await body_of(request, _decision)
    made = threats.Decision(**msgspec.structs.asdict(asked))

    def detection_id(read: ReadContext) -> int:
        return alerts.find(Lens(read, actor.scope), public_id).id

    found = await services.reads.read(detection_id)
    await services.reads.run(
        lambda: workflows.decide_detection(services.database, actor, found, made, services.clock())
    )
    return json_response(await services.reads.read(lambda read: alerts.detail(read, actor.scope, public_id)))


@put("/detection-mappings", opt={OPERATION: PUT_MAPPING}, name=PUT_MAPPING.id, status_code=204)
async def put_mapping(request: ApiRequest) -> None:
    """In force for the next call."""
    services, actor = services_of(request), caller_of(request)
    made = msgspec.convert(msgspec.to_builtins(await body_of(request, _mapping)), threats.Mapping)
    await services.reads.run(lambda: workflows.put_detection_mapping(services.database, actor, made, services.clock()))


@delete("/detection-mappings/{name:str}", opt={OPERATION: REMOVE_MAPPING}, name=REMOVE_MAPPING.id, status_code=204)
async def remove_mapping(request: ApiRequest) -> None:
    """What it took stays."""
    services, actor = services_of(request), caller_of(request)
    name = asked_of(request, REMOVE_MAPPING).path["name"]
    await services.reads.run(
        lambda: workflows.remove_detection_mapping(services.database, actor, name, services.clock())
    )


async def _events_of(request: ApiRequest) -> Any:
    headers = request.scope["state"]["headers"]
    body = await request.body()
    if headers.get("content-type", "").partition(";")[0].strip().lower() != LINES:
        check_json(headers)
        return _shallow(decode(body, _any))
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > MAX_EVENTS:
        raise TooLarge(f"More than {MAX_EVENTS:,} events in one call; send them in parts.")
    return _shallow([decode(line, _any) for line in lines])


def _shallow(document: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise TooLarge(f"The body is nested more than {MAX_DEPTH} deep; flatten it.")
    if isinstance(document, dict):
        for value in document.values():
            _shallow(value, depth + 1)
    elif isinstance(document, list):
        for value in document:
            _shallow(value, depth + 1)
    elif depth == 0:
        raise InvalidField("The body is a JSON object or a list of them.", field="body")
    return document


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[DetectionRow]:
    return alerts.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> DetectionDetail:
    return alerts.detail(read, scope, asked.path["name"])


def _intakes(read: ReadContext, scope: Scope, _: Asked) -> list[IntakeRow]:
    return alerts.intakes(read, scope)


def _mappings(read: ReadContext, _scope: Scope, _: Asked) -> list[DetectionMapping]:
    return [msgspec.convert(msgspec.to_builtins(one), DetectionMapping) for one, _, _ in threats.mappings(read.conn)]


ROUTES = (
    take_detections,
    decide_detection,
    put_mapping,
    remove_mapping,
    read_route("/detections", LIST, _list),
    read_route("/detections/{name:str}", SHOW, _show),
    read_route("/detection-intakes", INTAKES, _intakes),
    read_route("/detection-mappings", MAPPINGS, _mappings),
)
