"""Changes of machines through the compatible API: tags and device value (spec/api.md 7.4, 7.6 to 7.8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, patch, post

from weakspot import inventory
from weakspot.access import Permission, Scope
from weakspot.api.defender.errors import BatchTooLarge, MissingParameter, ResourceNotFound
from weakspot.api.defender.options import page_of, pairs_of, parse
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import body_of, caller_of, services_of
from weakspot.api.wire import SLASH_STAND_IN
from weakspot.inventory.contracts import DeviceValue
from weakspot.queries import defender
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens, ids_of
from weakspot.runtime import changes
from weakspot.runtime.errors import NotFound
from weakspot.workflows import device_decisions
from weakspot.workflows.device_decisions import MAX_IDS, DeviceDecision, Selection

_SETTLE_SECONDS = 5.0
_PAGE = 10_000
_MAX_GIVEN = 100_000

ApiRequest = Request[Any, Any, Any]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Action = Literal["Add", "Remove"]


class TagChange(msgspec.Struct, frozen=True, rename="pascal"):
    """One tag of one machine."""

    value: Tag
    action: Action


class TagChanges(msgspec.Struct, frozen=True, rename="pascal"):
    """One tag of many machines."""

    value: Tag
    action: Action
    machine_ids: Annotated[tuple[str, ...], msgspec.Meta(max_length=_MAX_GIVEN)]


class ValueChange(msgspec.Struct, frozen=True, rename="pascal"):
    """A machine's value."""

    device_value: DeviceValue


class MachineChange(msgspec.Struct, frozen=True, rename="camel"):
    """What is given is replaced."""

    device_value: DeviceValue | None = None
    machine_tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=100)] | None = None


_tag = msgspec.json.Decoder(TagChange)
_tags = msgspec.json.Decoder(TagChanges)
_value = msgspec.json.Decoder(ValueChange)
_machine = msgspec.json.Decoder(MachineChange)


def _declare(name: str, summary: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    permission = Permission.MACHINE_READ if body is None else Permission.MACHINE_WRITE
    return Operation(
        id=name, summary=summary, tag="compatible", permission=permission, answer=answer, body=body,
        errors=(404, 429), **more,
    )  # fmt: skip


CHANGE = _declare("compatibleChangeMachine", "Set a device's value or tags", defender.Machine, MachineChange)
CHANGE_TAG = _declare("compatibleMachineTags", "Add or remove a tag of a device", defender.Machine, TagChange)
CHANGE_TAGS = _declare(
    "compatibleMachinesTags", "Add or remove a tag of up to 500 devices", list[defender.Machine], TagChanges
)
CHANGE_VALUE = _declare("compatibleMachineValue", "Set a device's value", defender.Machine, ValueChange)
FIND_BY_TAG = _declare(
    "compatibleFindByTag",
    "Devices with a tag",
    list[defender.Machine],
    parameters=(
        Parameter(name="tag", description="The tag, or its beginning."),
        Parameter(name="useStartsWithFilter", description="true: tags that begin like this.", kind="boolean"),
    ),
)


@patch("/machines/{id:str}", opt={OPERATION: CHANGE}, name=CHANGE.id)
async def change_machine(request: ApiRequest) -> Response[bytes]:
    """The whole list of tags is replaced; tags by sensors and rules stay."""
    asked = await body_of(request, _machine)

    def change(device_id: int) -> None:
        services = services_of(request)
        device_decisions.change_machine(
            services.database,
            caller_of(request),
            device_id,
            value=asked.device_value,
            tags=asked.machine_tags,
            now=services.clock(),
        )

    return await _changed(request, change)


@post("/machines/{id:str}/tags", opt={OPERATION: CHANGE_TAG}, name=CHANGE_TAG.id, status_code=200)
async def change_tag(request: ApiRequest) -> Response[bytes]:
    """Answers the machine as it is then."""
    asked = await body_of(request, _tag)
    return await _decided(request, lambda devices: _tagging(devices, asked))


@post("/machines/{id:str}/setdevicevalue", opt={OPERATION: CHANGE_VALUE}, name=CHANGE_VALUE.id, status_code=200)
async def set_device_value(request: ApiRequest) -> Response[bytes]:
    """Answers the machine as it is then."""
    asked = await body_of(request, _value)
    return await _decided(request, lambda devices: DeviceDecision(devices=devices, value=asked.device_value))


@post("/machines/AddOrRemoveTagForMultipleMachines", opt={OPERATION: CHANGE_TAGS}, name=CHANGE_TAGS.id, status_code=200)
async def change_tags(request: ApiRequest) -> Response[bytes]:
    """All of the machines or none."""
    asked = await body_of(request, _tags)
    if len(asked.machine_ids) > MAX_IDS:
        raise BatchTooLarge(f"{len(asked.machine_ids)} machine ids were received; at most {MAX_IDS} are allowed.")
    if not asked.machine_ids:
        raise MissingParameter("Give MachineIds, at least one.")
    ids = tuple(dict.fromkeys(one.lower() for one in asked.machine_ids))
    services, caller = services_of(request), caller_of(request)
    count(request)

    def work() -> None:
        decision = _tagging(Selection(ids=ids), TagChange(asked.value, asked.action))
        _translated(lambda: device_decisions.decide_devices(services.database, caller, decision, services.clock()))

    await services.reads.run(work)

    def read(context: ReadContext) -> bytes:
        lens = Lens(_settled(context), caller.scope)
        found = [defender.machine(lens, one) for one in ids]
        return collection(request, found)

    return Response(await services.reads.read(read), media_type="application/json")


@get("/machines/findbytag", opt={OPERATION: FIND_BY_TAG}, name=FIND_BY_TAG.id)
async def find_by_tag(request: ApiRequest) -> Response[bytes]:
    """Case matters not; by default the whole tag has to be given."""
    services, caller = services_of(request), caller_of(request)
    count(request)
    given = dict(reversed(pairs_of(request.scope["query_string"])))  # the first one counts
    tag = given.get("tag", "").casefold().strip()
    if not tag or len(tag) > 200:
        raise MissingParameter("Give tag, 1 to 200 characters.")
    is_prefix = given.get("useStartsWithFilter", "").casefold() == "true"

    def read(context: ReadContext) -> bytes:
        lens = Lens(context, caller.scope)
        found: set[int] = set()
        for (kind, name), devices in lens.view.labels.items():
            text = name.casefold()
            if kind == "tag" and (text.startswith(tag) if is_prefix else text == tag):
                found.update(ids_of(devices).tolist())
        return collection(request, defender.machines(lens, found))

    return Response(await services.reads.read(read), media_type="application/json")


ROUTES = (change_tags, find_by_tag, change_machine, change_tag, set_device_value)


async def _decided(request: ApiRequest, decision: Callable[[Selection], DeviceDecision]) -> Response[bytes]:
    services, caller = services_of(request), caller_of(request)

    def change(device_id: int) -> None:
        with services.database.read() as conn:
            public_id = _public_id(conn, device_id)
        asked = decision(Selection(ids=(public_id,)))
        device_decisions.decide_devices(services.database, caller, asked, services.clock())

    return await _changed(request, change)


async def _changed(request: ApiRequest, change: Callable[[int], None]) -> Response[bytes]:
    """Find the machine in the caller's scope, change it, answer it as the index then shows it."""
    services, scope = services_of(request), caller_of(request).scope
    count(request)
    asked = str(request.path_params["id"]).replace(SLASH_STAND_IN, "/")
    device_id = await services.reads.read(lambda context: _find(context, scope, asked))
    await services.reads.run(lambda: _translated(lambda: change(device_id)))

    def read(context: ReadContext) -> bytes:
        entity = defender.machine(Lens(_settled(context), scope), asked)
        where = f"{_origin(request)}/api/$metadata#Machines/$entity"
        return _encoded({"@odata.context": where, **msgspec.to_builtins(entity)})

    return Response(await services.reads.read(read), media_type="application/json")


def _find(context: ReadContext, scope: Scope, asked: str) -> int:
    try:
        return defender.machine_device(Lens(context, scope), asked).id
    except NotFound as error:
        raise ResourceNotFound(error.detail) from None


def _public_id(conn: Any, device_id: int) -> str:
    device = inventory.device(conn, device_id)
    assert device is not None, "a machine that was found a moment ago"
    return device.public_id


def _settled(context: ReadContext) -> ReadContext:
    """What was just decided shows in the answer."""
    context.fleet.wait_for(changes.last_seq(context.conn), _SETTLE_SECONDS, scores=False)
    return context


def _tagging(devices: Selection, asked: TagChange) -> DeviceDecision:
    if asked.action == "Add":
        return DeviceDecision(devices=devices, add_tags=(asked.value,))
    return DeviceDecision(devices=devices, remove_tags=(asked.value,))


def _translated(work: Callable[[], Any]) -> None:
    try:
        work()
    except NotFound as error:
        raise ResourceNotFound(error.detail) from None


def count(request: ApiRequest) -> None:
    services, caller = services_of(request), caller_of(request)
    for limiter in (services.compatible_minute, services.compatible_hour):
        limiter.check(f"{caller.kind}:{caller.id}", services.clock())


def collection(request: ApiRequest, machines: Iterable[defender.Machine]) -> bytes:
    page = page_of((msgspec.to_builtins(one) for one in machines), parse(b"", {}, _PAGE), _PAGE)
    return _encoded({"@odata.context": f"{_origin(request)}/api/$metadata#Machines", "value": page.rows})


def _origin(request: ApiRequest) -> str:
    return f"{request.scope['scheme']}://{request.scope['state']['headers']['host']}"


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode("ascii")
