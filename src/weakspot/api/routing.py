"""Making framework routes out of read models: parse, authorise, call, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from weakspot.access import Caller, Scope
from weakspot.api import csv_export
from weakspot.api.listing import Asked, parse, shown
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.services import ApiServices
from weakspot.api.wire import SLASH_STAND_IN, check_json, decode
from weakspot.queries.base import EXPORT_ROWS, ReadContext
from weakspot.queries.contracts import Page
from weakspot.runtime.errors import NotFound

ApiRequest = Request[Any, Any, Any]
Ask = Callable[[ReadContext, Scope, Asked], Any]
T = TypeVar("T")


def read_route(path: str, operation: Operation, ask: Ask) -> HTTPRouteHandler:
    """A GET that answers what a read model says, within the caller's scope narrowed to the groups asked
    for.
    """

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        asked = asked_of(request, operation)
        scope = caller_of(request).scope.narrowed(asked.groups)
        services = services_of(request)

        def answer(read: ReadContext) -> Response[bytes]:
            seq = str(read.fleet.seq)
            return _encoded(operation, asked, ask(read, scope, asked), seq)

        return await services.reads.read(answer)

    return get(path, opt={OPERATION: operation}, name=operation.id)(handle)


def asked_of(request: ApiRequest, operation: Operation) -> Asked:
    """The request's path and query, checked against the declaration."""
    path = {name: str(value).replace(SLASH_STAND_IN, "/") for name, value in request.path_params.items()}
    return parse(operation, request.scope["query_string"], path)


def caller_of(request: ApiRequest) -> Caller:
    """The authenticated caller; the guard made sure that there is one."""
    caller = request.scope["state"]["caller"]
    assert isinstance(caller, Caller)
    return caller


def number_of(text: str) -> int:
    """The id in a path. Raises NotFound for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise NotFound(f"{shown(text)} is no id here; ids are whole numbers.")
    return int(text)


def services_of(request: ApiRequest) -> ApiServices:
    """What the composition root gave to the API."""
    return cast(ApiServices, request.app.state["services"])


async def body_of(request: ApiRequest, decoder: msgspec.json.Decoder[T]) -> T:
    """The JSON body as a checked struct. Raises UnsupportedEncoding, TooLarge, InvalidField or InputError."""
    check_json(request.scope["state"]["headers"])
    return decode(await request.body(), decoder)


def json_response(document: Any, status: int = 200) -> Response[bytes]:
    """A JSON answer."""
    return Response(msgspec.json.encode(document), status_code=status, media_type="application/json")


def _encoded(operation: Operation, asked: Asked, document: Any, seq: str) -> Response[bytes]:
    # The change that the answer shows at least: a stream opened with ?since=<seq> misses nothing after it.
    headers = {"weakspot-seq": seq}
    if not asked.is_csv:
        return Response(msgspec.json.encode(document), media_type="application/json", headers=headers)
    page = cast("Page[Any]", document)
    row_type = operation.answer.__args__[0]
    headers |= {
        "content-disposition": f'attachment; filename="{operation.tag}.csv"',
        "weakspot-total": str(page.total),
        "weakspot-truncated": "true" if page.total > EXPORT_ROWS else "false",
    }
    return Response(csv_export.encode(page.items, row_type), media_type=csv_export.MEDIA_TYPE, headers=headers)
