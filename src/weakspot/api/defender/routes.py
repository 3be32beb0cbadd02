"""Routes of the compatible API, made from what ``entity_sets`` declares."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from weakspot.api.defender import export_files, exports, finding, machine_changes
from weakspot.api.defender.entity_sets import ENTITIES, PAGE, SETS, EntitySet, SingleEntity
from weakspot.api.defender.errors import ResourceNotFound
from weakspot.api.defender.options import Options, next_link, page_of, parse, selected
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import caller_of, services_of
from weakspot.api.wire import SLASH_STAND_IN
from weakspot.queries import defender
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens
from weakspot.runtime.errors import NotFound

_ENVELOPE_PARAMETERS = (
    Parameter(name="$filter", description="Expression over the set's properties."),
    Parameter(name="$top", description="At most so many rows.", kind="integer"),
    Parameter(name="$skip", description="Leave out so many rows.", kind="integer"),
    Parameter(name="$orderby", description="Property, then asc or desc."),
    Parameter(name="$count", description="Add @odata.count.", kind="boolean"),
    Parameter(name="$select", description="Only these properties."),
)


def _set_route(entity_set: EntitySet) -> HTTPRouteHandler:
    operation = Operation(
        id=entity_set.id,
        summary=entity_set.summary,
        tag="compatible",
        permission=entity_set.permission,
        answer=list[entity_set.entity],  # type: ignore[name-defined]
        parameters=_ENVELOPE_PARAMETERS,
        errors=(404, 429),
    )

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        options = parse(request.scope["query_string"], entity_set.properties, entity_set.maximum)
        address = _address(request)

        def answer(lens: Lens, asked: str) -> dict[str, Any]:
            return _collection(entity_set, lens, asked, options, address)

        return await _answered(request, answer)

    return get(entity_set.path, opt={OPERATION: operation}, name=operation.id)(handle)


def _entity_route(single: SingleEntity) -> HTTPRouteHandler:
    operation = Operation(
        id=single.id,
        summary=single.summary,
        tag="compatible",
        permission=single.permission,
        answer=single.entity,
        errors=(404, 429),
    )

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        parse(request.scope["query_string"], {}, PAGE)
        origin = _origin(request)

        def answer(lens: Lens, asked: str) -> dict[str, Any]:
            context = f"{origin}/api/$metadata#{single.context}/$entity"
            return {"@odata.context": context, **msgspec.to_builtins(single.show(lens, asked))}

        return await _answered(request, answer)

    return get(single.path, opt={OPERATION: operation}, name=operation.id)(handle)


async def _answered(request: Request[Any, Any, Any], answer: Callable[[Lens, str], dict[str, Any]]) -> Response[bytes]:
    services, caller = services_of(request), caller_of(request)
    now = services.clock()
    for limiter in (services.compatible_minute, services.compatible_hour):
        limiter.check(f"{caller.kind}:{caller.id}", now)
    asked = str(request.path_params.get("id", "")).replace(SLASH_STAND_IN, "/")

    def read(context: ReadContext) -> bytes:
        try:
            document = answer(Lens(context, caller.scope), asked)
        except NotFound as error:
            raise ResourceNotFound(error.detail) from None
        # Some importers read these answers as ASCII.
        return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode("ascii")

    return Response(await services.reads.read(read), media_type="application/json")


def _collection(entity_set: EntitySet, lens: Lens, asked: str, options: Options, address: str) -> dict[str, Any]:
    known = [field.encode_name for field in msgspec.structs.fields(entity_set.entity)]
    needs_texts = entity_set.entity is defender.Vulnerability and "description" in options.uses
    entities = entity_set.rows(lens, asked)
    if needs_texts:
        entities = (defender.with_texts(lens, one) for one in entities)  # type: ignore[arg-type]
    rows = (msgspec.to_builtins(one) for one in entities)
    page = page_of(rows, options, entity_set.maximum)
    if entity_set.entity is defender.Vulnerability and not needs_texts:
        page = msgspec.structs.replace(page, rows=[_with_texts(lens, row) for row in page.rows])
    document: dict[str, Any] = {"@odata.context": f"{address.partition('/api/')[0]}/api/$metadata#{entity_set.context}"}
    if page.total is not None:
        document["@odata.count"] = page.total
    document["value"] = selected(page.rows, options.select, known)
    if page.has_more and options.top is None:
        document["@odata.nextLink"] = next_link(address, options, entity_set.maximum)
    return document


def _with_texts(lens: Lens, row: dict[str, Any]) -> dict[str, Any]:
    return msgspec.to_builtins(defender.with_texts(lens, msgspec.convert(row, defender.Vulnerability)))  # type: ignore[no-any-return]


def _origin(request: Request[Any, Any, Any]) -> str:
    return f"{request.scope['scheme']}://{request.scope['state']['headers']['host']}"


def _address(request: Request[Any, Any, Any]) -> str:
    return _origin(request) + request.scope["path"].replace(SLASH_STAND_IN, "%2F")


ROUTES = (
    *(_set_route(entity_set) for entity_set in SETS),
    *(_entity_route(single) for single in ENTITIES),
    *exports.ROUTES,
    *export_files.ROUTES,
    *machine_changes.ROUTES,
    *finding.ROUTES,
)
