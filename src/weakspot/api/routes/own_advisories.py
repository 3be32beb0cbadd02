"""Own advisories: what an organisation knows about its own software, as OSV records, in force at once."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, get, post

from weakspot import intel
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, caller_of, json_response, services_of
from weakspot.api.wire import check_json
from weakspot.runtime.clock import to_iso
from weakspot.workflows import OwnOutcome


class OwnAdvisoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """An advisory in short. ``software``: ``ecosystem/name`` of what it says is affected, at most 50."""

    id: str
    title: str
    modified_at: str | None
    withdrawn_at: str | None
    software: list[str]
    written_at: str
    written_by: str


def _declare(name: str, summary: str, permission: str, answer: Any, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="own advisories", permission=permission, answer=answer, **more)


LIST = _declare(
    "listOwnAdvisories",
    "Advisories written by API, by id, at most 100",
    Permission.TVM_VIEW_DATA,
    list[OwnAdvisoryRow],
    parameters=(Parameter(name="after", description="Only those after this id: the next page."),),
)
SHOW = _declare(
    "showOwnAdvisory",
    "One advisory as it was written: an OSV record",
    Permission.TVM_VIEW_DATA,
    dict[str, Any],
    errors=(404,),
)
WRITE = _declare(
    "writeOwnAdvisory",
    "Write an OSV record (at most 512 KiB), or replace the one of its id; in force at once",
    Permission.MANAGE_SECURITY,
    OwnOutcome,
    body=dict[str, Any],
    errors=(409, 503),
)
REMOVE = _declare(
    "removeOwnAdvisory",
    "Take an advisory back; what it opened closes",
    Permission.MANAGE_SECURITY,
    OwnOutcome,
    errors=(404, 503),
)


@get("/own-advisories", opt={OPERATION: LIST}, name=LIST.id)
async def list_own_advisories(request: ApiRequest) -> Response[bytes]:
    """Of the source ``own`` only what was written by API; files of a mirror are not listed."""
    after = asked_of(request, LIST).values.get("after", "")[:200]
    services = services_of(request)

    def read() -> list[OwnAdvisoryRow]:
        with services.database.read() as conn:
            return [_row(one) for one in intel.own_advisories(conn, after)]

    return json_response(await services.reads.run(read))


@get("/own-advisories/{id:str}", opt={OPERATION: SHOW}, name=SHOW.id)
async def show_own_advisory(request: ApiRequest) -> Response[bytes]:
    """The document itself."""
    record_id = asked_of(request, SHOW).path["id"]
    services = services_of(request)

    def read() -> bytes:
        with services.database.read() as conn:
            return intel.own_advisory(conn, record_id).document

    return Response(await services.reads.run(read), media_type="application/json")


@post("/own-advisories", opt={OPERATION: WRITE}, name=WRITE.id, status_code=200)
async def write_own_advisory(request: ApiRequest) -> Response[bytes]:
    """Software that it names is judged again before the answer."""
    services, actor = services_of(request), caller_of(request)
    check_json(request.scope["state"]["headers"])
    document = await request.body()
    return json_response(await services.reads.run(lambda: services.admin.write_own_advisory(actor, document)))


@delete("/own-advisories/{id:str}", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=200)
async def remove_own_advisory(request: ApiRequest) -> Response[bytes]:
    """Its history stays."""
    record_id = asked_of(request, REMOVE).path["id"]
    services, actor = services_of(request), caller_of(request)
    return json_response(await services.reads.run(lambda: services.admin.remove_own_advisory(actor, record_id)))


def _row(one: intel.OwnAdvisoryHead) -> OwnAdvisoryRow:
    return OwnAdvisoryRow(
        id=one.record_id,
        title=one.title,
        modified_at=None if one.modified_at is None else to_iso(one.modified_at),
        withdrawn_at=None if one.withdrawn_at is None else to_iso(one.withdrawn_at),
        software=list(one.software),
        written_at=to_iso(one.written_at),
        written_by=one.written_by,
    )


ROUTES = (list_own_advisories, show_own_advisory, write_own_advisory, remove_own_advisory)
