"""VEX documents: what suppliers and the organisation itself state about flaws in products, in force at once."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, get, post

from weakspot import intel
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, caller_of, json_response, services_of
from weakspot.api.wire import check_json
from weakspot.runtime.clock import to_iso
from weakspot.workflows import VexOutcome


class VexRow(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded document. ``name``: the id that it gives itself; ``refused``: statements that could not be read."""

    id: str
    name: str
    statements: int
    refused: int
    written_at: str
    written_by: str


def _declare(name: str, summary: str, permission: str, answer: Any, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="vex", permission=permission, answer=answer, **more)


LIST = _declare("listVex", "Uploaded VEX documents, newest first", Permission.TVM_VIEW_DATA, list[VexRow])
SHOW = _declare("showVex", "One VEX document as it was given", Permission.TVM_VIEW_DATA, dict[str, Any], errors=(404,))
WRITE = _declare(
    "writeVex",
    "Upload an OpenVEX, CSAF or CycloneDX VEX document (JSON, at most 1 MiB), or replace the one of its id",
    Permission.MANAGE_SECURITY,
    VexOutcome,
    body=dict[str, Any],
    errors=(409, 503),
)
REMOVE = _declare(
    "removeVex",
    "Take a VEX document back; what it hid shows again",
    Permission.MANAGE_SECURITY,
    VexOutcome,
    errors=(404, 503),
)


@get("/vex", opt={OPERATION: LIST}, name=LIST.id)
async def list_vex(request: ApiRequest) -> Response[bytes]:
    """Of the source ``vex`` only what was uploaded; files of a mirror are not listed."""
    services = services_of(request)

    def read() -> list[VexRow]:
        with services.database.read() as conn:
            return [_row(one) for one in intel.vex_documents(conn)]

    return json_response(await services.reads.run(read))


@get("/vex/{id:str}", opt={OPERATION: SHOW}, name=SHOW.id)
async def show_vex(request: ApiRequest) -> Response[bytes]:
    """The document itself."""
    document_id = asked_of(request, SHOW).path["id"]
    services = services_of(request)

    def read() -> bytes:
        with services.database.read() as conn:
            return intel.vex_document(conn, document_id)

    return Response(await services.reads.run(read), media_type="application/json")


@post("/vex", opt={OPERATION: WRITE}, name=WRITE.id, status_code=200)
async def write_vex(request: ApiRequest) -> Response[bytes]:
    """Software that it names is judged again before the answer."""
    services, actor = services_of(request), caller_of(request)
    check_json(request.scope["state"]["headers"])
    document = await request.body()
    return json_response(await services.reads.run(lambda: services.admin.write_vex(actor, document)))


@delete("/vex/{id:str}", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=200)
async def remove_vex(request: ApiRequest) -> Response[bytes]:
    """What it stated holds no longer."""
    document_id = asked_of(request, REMOVE).path["id"]
    services, actor = services_of(request), caller_of(request)
    return json_response(await services.reads.run(lambda: services.admin.remove_vex(actor, document_id)))


def _row(one: intel.VexDocument) -> VexRow:
    return VexRow(**(msgspec.structs.asdict(one) | {"written_at": to_iso(one.written_at)}))


ROUTES = (list_vex, show_vex, write_vex, remove_vex)
