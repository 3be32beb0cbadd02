"""Exports of the compatible API as files: links that need no credentials, for some hours (spec/api.md 12.1).

Nothing is prepared: a link is what the file is of, sealed with the server's key, and the file is made when it is
asked for. Each is of some devices of one group, so that none is large. What the caller may do is looked up again then:
who lost their token, their permission or the group has lost the links too.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from weakspot import access
from weakspot.access import Caller
from weakspot.api.defender.errors import ODataError, ResourceNotFound
from weakspot.api.defender.exports import EXPORTS, Export
from weakspot.api.defender.options import pairs_of
from weakspot.api.listing import shown
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import caller_of, services_of
from weakspot.api.services import ApiServices
from weakspot.queries.base import ReadContext
from weakspot.queries.defender_exports import Cursor
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import SECOND, Micros, to_iso
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.vault import Vault

DEVICES_A_FILE = 200
MAXIMUM_HOURS = 6
PURPOSE = "export-file"
_HOUR = 3_600 * SECOND
_LONGEST = 1_500
_BY_ID = {one.id: one for one in EXPORTS}


class ExportFiles(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Links to the files of an export; gzip, one JSON object a line."""

    export_files: list[str]
    generated_time: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What one file is of: devices of a group from after one id up to another, for a caller, until a moment."""

    export: str
    caller: str
    group: int
    after: int
    until: int
    at: Micros
    expires_at: Micros


class _Unusable(ResourceNotFound):
    """The same words whatever is wrong with a link."""

    def __init__(self) -> None:
        super().__init__("This link is not of this server, or its time is over; ask for the export again.")


def sealed(vault: Vault, link: Link) -> str:
    """A link for an address."""
    fields = {name: str(value) for name, value in msgspec.structs.asdict(link).items()}
    return base64.urlsafe_b64encode(vault.seal(fields, PURPOSE)).decode().rstrip("=")


def opened(vault: Vault, text: str, now: Micros) -> Link:
    """What a link is of. Raises ResourceNotFound for one that is not ours or too old."""
    try:
        if len(text) > _LONGEST:
            raise ValueError(text)
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        link = msgspec.convert(vault.open(data, PURPOSE), Link, strict=False)
    except (binascii.Error, ValueError, Unavailable):
        raise _Unusable from None
    if now >= link.expires_at:
        raise _Unusable
    return link


def hours(query_string: bytes) -> int:
    """``sasValidHours``, which clients write with a dollar too; 1 to 6, 1 unless given. Raises ODataError."""
    given = {name.lower().removeprefix("$"): value for name, value in pairs_of(query_string) if value}
    text = given.get("sasvalidhours", "1")
    if not (text.isascii() and text.isdigit() and len(text) == 1 and 1 <= int(text) <= MAXIMUM_HOURS):
        raise ODataError(f"sasValidHours is a whole number from 1 to {MAXIMUM_HOURS}, not {shown(text)}.")
    return int(text)


def links(lens: Lens, export: Export, caller: Caller, expires_at: Micros) -> Iterable[Link]:
    """One link for every so many devices of each group in the scope, by group."""
    columns = lens.device_columns()
    here = lens.devices_in_scope()
    groups = columns.group[columns.positions(here)]
    for group in sorted(set(groups.tolist())):
        mine = here[groups == group].tolist()
        for start in range(0, len(mine), DEVICES_A_FILE):
            yield Link(
                export=export.id,
                caller=f"{caller.kind}:{caller.id}",
                group=group,
                after=mine[start] - 1,
                until=mine[min(start + DEVICES_A_FILE, len(mine)) - 1],
                at=lens.now,
                expires_at=expires_at,
            )


def file_of(services: ApiServices, read: ReadContext, link: Link) -> bytes:
    """The file behind a link. Raises ResourceNotFound where its caller may no longer have it."""
    export = _BY_ID.get(link.export)
    kind, _, ident = link.caller.partition(":")
    caller = access.caller_again(read.conn, kind, int(ident), read.now)
    if export is None or caller is None or not caller.may(export.permission) or not caller.scope.includes(link.group):
        raise _Unusable
    services.compatible_minute.check(f"file:{link.caller}", read.now)
    lens = Lens(read, caller.scope.narrowed(frozenset({link.group})))
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=6, mtime=link.at // SECOND) as target:
        for row, _ in export.rows(lens, Cursor(link.at, 0, link.after, 0, link.until)):
            target.write(json.dumps(msgspec.to_builtins(row), separators=(",", ":")).encode("ascii") + b"\n")
    return made.getvalue()


DOWNLOAD = Operation(
    id="compatibleExportFile",
    summary="One file of an export; the link is the permission",
    tag="compatible",
    permission=None,
    media_type="application/gzip",
    errors=(404, 429),
)


@get("/exportFiles/{link:str}", opt={OPERATION: DOWNLOAD}, name=DOWNLOAD.id)
async def download(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Made now, of the moment at which the links were given."""
    services = services_of(request)
    link = opened(services.vault, str(request.path_params["link"]), services.clock())
    made = await services.reads.read(lambda read: file_of(services, read, link))
    headers = {"content-disposition": f'attachment; filename="part-{link.group}-{link.until}.json.gz"'}
    return Response(made, media_type="application/gzip", headers=headers)


def _route(export: Export, path: str, operation_id: str) -> HTTPRouteHandler:
    operation = Operation(
        id=operation_id,
        summary=f"{export.summary}, as files",
        tag="compatible",
        permission=export.permission,
        answer=ExportFiles,
        parameters=(
            Parameter(
                name="sasValidHours",
                description=f"How long the links work: 1 to {MAXIMUM_HOURS} hours.",
                kind="integer",
                default=1,
                minimum=1,
                maximum=MAXIMUM_HOURS,
            ),
        ),
        errors=(400, 429),
    )

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        services, caller = services_of(request), caller_of(request)
        now = services.clock()
        for limiter in (services.compatible_minute, services.compatible_hour):
            limiter.check(f"{caller.kind}:{caller.id}", now)
        expires_at = now + hours(request.scope["query_string"]) * _HOUR
        origin = f"{request.scope['scheme']}://{request.scope['state']['headers']['host']}"

        def read(context: ReadContext) -> bytes:
            found = links(Lens(context, caller.scope), export, caller, expires_at)
            document = {
                "@odata.context": f"{origin}/api/$metadata#microsoft.windowsDefenderATP.api.ExportFilesResponse",
                "exportFiles": [f"{origin}/api/exportFiles/{sealed(services.vault, one)}" for one in found],
                "generatedTime": to_iso(context.now),
            }
            return json.dumps(document, separators=(",", ":")).encode("ascii")

        return Response(await services.reads.read(read), media_type="application/json")

    return get(path, opt={OPERATION: operation}, name=operation.id)(handle)


ROUTES = (*(_route(one, *one.files) for one in EXPORTS if one.files is not None), download)
