"""The exports of the compatible API: rows in pages that are all of one moment (docs/compatible-api.md)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from weakspot.access import Permission
from weakspot.api.defender.errors import ODataError
from weakspot.api.defender.options import pairs_of
from weakspot.api.listing import shown
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import caller_of, services_of
from weakspot.queries.base import ReadContext
from weakspot.queries.defender_exports import (
    FARTHEST,
    SLOT,
    AssetVulnerability,
    Cursor,
    DeltaAssetVulnerability,
    rows,
)
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import Micros, from_iso

PAGE_ROWS = 50_000
MAXIMUM_ROWS = 200_000
MAXIMUM_BYTES = 32 * 1024 * 1024
"""A page ends before it is larger than this, with a link to the next one."""

_cursor = msgspec.json.Decoder(Cursor)


class _Asked(msgspec.Struct, frozen=True):
    cursor: Cursor
    size: int
    top: int | None


def _route(
    path: str, operation_id: str, summary: str, answer: Any, context: str, *, is_delta: bool
) -> HTTPRouteHandler:
    parameters = [
        Parameter(name="pageSize", description=f"Rows of a page: 1 to {MAXIMUM_ROWS:,}.", kind="integer"),
        Parameter(name="$top", description="At most so many rows, and no link to further ones.", kind="integer"),
        Parameter(name="$skiptoken", description="Where a page goes on; from the link of the one before."),
    ]
    if is_delta:
        parameters.insert(0, Parameter(name="sinceTime", description="A time at most 14 days ago; needed."))
    operation = Operation(
        id=operation_id,
        summary=summary,
        tag="compatible",
        permission=Permission.VULNERABILITY_READ,
        answer=list[answer],
        parameters=tuple(parameters),
        errors=(400, 429),
    )

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        services, caller = services_of(request), caller_of(request)
        now = services.clock()
        for limiter in (services.compatible_minute, services.compatible_hour):
            limiter.check(f"{caller.kind}:{caller.id}", now)
        asked = parse(request.scope["query_string"], now, is_delta=is_delta)
        origin = f"{request.scope['scheme']}://{request.scope['state']['headers']['host']}"

        def read(conn: ReadContext) -> bytes:
            return page(Lens(conn, caller.scope), asked, f"{origin}/api/$metadata#{context}", f"{origin}/api{path}")

        return Response(await services.reads.read(read), media_type="application/json")

    return get(path, opt={OPERATION: operation}, name=operation.id)(handle)


def parse(query_string: bytes, now: Micros, *, is_delta: bool) -> _Asked:
    """What is asked for. Raises ODataError; options without ``$`` that are not known are the client's own."""
    given = {name.lower(): value for name, value in pairs_of(query_string) if value}
    for name in given:
        if name.startswith("$") and name not in ("$top", "$skiptoken"):
            raise ODataError(f"Unknown query option {shown(name)}; an export knows $top and $skiptoken.")
    top = _number("$top", given["$top"], 0) if "$top" in given else None
    size = _number("pageSize", given["pagesize"], 1) if "pagesize" in given else PAGE_ROWS
    return _Asked(_begun(given, now, is_delta=is_delta), size if top is None else top, top)


def page(lens: Lens, asked: _Asked, context: str, address: str) -> bytes:
    """One page as JSON, in ASCII as the rest of this API."""
    parts: list[str] = []
    bytes_so_far, last, has_more = 0, asked.cursor, False
    found: Iterator[tuple[AssetVulnerability, Cursor]] = rows(lens, asked.cursor)
    for row, cursor in found:
        if len(parts) == asked.size or bytes_so_far > MAXIMUM_BYTES:
            has_more = True
            break
        parts.append(json.dumps(msgspec.to_builtins(row), separators=(",", ":")))
        bytes_so_far += len(parts[-1])
        last = cursor
    document = f'{{"@odata.context":{json.dumps(context)},"value":[{",".join(parts)}]'
    if has_more and asked.top is None:
        document += f',"@odata.nextLink":{json.dumps(f"{address}?pagesize={asked.size}&$skiptoken={token(last)}")}'
    return f"{document}}}".encode("ascii")


def token(cursor: Cursor) -> str:
    """A cursor for clients. It holds nothing that a caller could not ask for: what they see is decided anew."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _begun(given: dict[str, str], now: Micros, *, is_delta: bool) -> Cursor:
    if "$skiptoken" in given:
        return _continued(given["$skiptoken"], now, is_delta=is_delta)
    if not is_delta:
        return Cursor(now)
    if "sincetime" not in given:
        raise ODataError("sinceTime is needed: a time at most 14 days ago, as 2026-01-31T12:00:00Z.")
    try:
        since = from_iso(given["sincetime"])
    except ValueError:
        raise ODataError("sinceTime is a time as 2026-01-31T12:00:00Z.") from None
    if not now - FARTHEST <= since <= now:
        raise ODataError("sinceTime lies at most 14 days ago, and not in the future.")
    return Cursor(now, since - since % SLOT)


def _continued(text: str, now: Micros, *, is_delta: bool) -> Cursor:
    try:
        found = _cursor.decode(base64.urlsafe_b64decode(text[:400] + "=" * (-len(text) % 4)))
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise ODataError("$skiptoken is not one of ours; begin the export anew.") from None
    is_sound = 0 < found.at <= now and bool(found.since) == is_delta and found.device >= 0 and found.row >= 0
    if not is_sound or (is_delta and not now - 2 * FARTHEST <= found.since <= found.at):
        raise ODataError("$skiptoken is not of this export, or too old; begin the export anew.")
    return found


def _number(name: str, value: str, least: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and least <= int(value) <= MAXIMUM_ROWS):
        raise ODataError(f"{name} is a whole number from {least} to {MAXIMUM_ROWS:,}, not {shown(value)}.")
    return int(value)


ROUTES = (
    _route(
        "/machines/SoftwareVulnerabilitiesByMachine",
        "compatibleVulnerabilityExport",
        "Every vulnerability of every software version on every machine",
        AssetVulnerability,
        "Collection(microsoft.windowsDefenderATP.api.AssetVulnerability)",
        is_delta=False,
    ),
    _route(
        "/machines/SoftwareVulnerabilityChangesByMachine",
        "compatibleVulnerabilityChanges",
        "Vulnerabilities that came to machines or went, since a time",
        DeltaAssetVulnerability,
        "Collection(microsoft.windowsDefenderATP.api.DeltaAssetVulnerability)",
        is_delta=True,
    ),
)
