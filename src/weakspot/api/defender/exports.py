"""The exports of the compatible API: rows in pages that are all of one moment (docs/compatible-api.md)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
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
from weakspot.queries import defender_assessments, defender_baselines, defender_exports
from weakspot.queries.base import ReadContext
from weakspot.queries.defender import Entity
from weakspot.queries.defender_assessments import AssetConfiguration
from weakspot.queries.defender_baselines import AssetBaselineAssessment
from weakspot.queries.defender_exports import (
    FARTHEST,
    SLOT,
    AssetVulnerability,
    Cursor,
    DeltaAssetVulnerability,
)
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import Micros, from_iso

PAGE_ROWS = 50_000
MAXIMUM_ROWS = 200_000
MAXIMUM_BYTES = 32 * 1024 * 1024
"""A page ends before it is larger than this, with a link to the next one."""

Rows = Callable[[Lens, Cursor], Iterator[tuple[Entity, Cursor]]]
_cursor = msgspec.json.Decoder(Cursor)


class _Asked(msgspec.Struct, frozen=True):
    cursor: Cursor
    size: int
    top: int | None


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """One export: where it is, what its rows are, and what makes them. is_delta: of changes since a time."""

    path: str
    id: str
    summary: str
    permission: str
    entity: type[Entity]
    context: str
    rows: Rows
    is_delta: bool = False
    files: tuple[str, str] | None = None
    """Path and id of the same as files; None: it has no such form."""


def _route(export: Export) -> HTTPRouteHandler:
    parameters = [
        Parameter(name="pageSize", description=f"Rows of a page: 1 to {MAXIMUM_ROWS:,}.", kind="integer"),
        Parameter(name="$top", description="At most so many rows, and no link to further ones.", kind="integer"),
        Parameter(name="$skiptoken", description="Where a page goes on; from the link of the one before."),
    ]
    if export.is_delta:
        parameters.insert(0, Parameter(name="sinceTime", description="A time at most 14 days ago; needed."))
    operation = Operation(
        id=export.id,
        summary=export.summary,
        tag="compatible",
        permission=export.permission,
        answer=list[export.entity],  # type: ignore[name-defined]
        parameters=tuple(parameters),
        errors=(400, 429),
    )

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        services, caller = services_of(request), caller_of(request)
        now = services.clock()
        for limiter in (services.compatible_minute, services.compatible_hour):
            limiter.check(f"{caller.kind}:{caller.id}", now)
        asked = parse(request.scope["query_string"], now, is_delta=export.is_delta)
        origin = f"{request.scope['scheme']}://{request.scope['state']['headers']['host']}"

        def read(conn: ReadContext) -> bytes:
            lens = Lens(conn, caller.scope)
            context = f"{origin}/api/$metadata#Collection(microsoft.windowsDefenderATP.api.{export.context})"
            return page(export.rows(lens, asked.cursor), asked, context, f"{origin}/api{export.path}")

        return Response(await services.reads.read(read), media_type="application/json")

    return get(export.path, opt={OPERATION: operation}, name=operation.id)(handle)


def parse(query_string: bytes, now: Micros, *, is_delta: bool) -> _Asked:
    """What is asked for. Raises ODataError; options without ``$`` that are not known are the client's own."""
    given = {name.lower(): value for name, value in pairs_of(query_string) if value}
    for name in given:
        if name.startswith("$") and name not in ("$top", "$skiptoken"):
            raise ODataError(f"Unknown query option {shown(name)}; an export knows $top and $skiptoken.")
    top = _number("$top", given["$top"], 0) if "$top" in given else None
    size = _number("pageSize", given["pagesize"], 1) if "pagesize" in given else PAGE_ROWS
    return _Asked(_begun(given, now, is_delta=is_delta), size if top is None else top, top)


def page(found: Iterator[tuple[Entity, Cursor]], asked: _Asked, context: str, address: str) -> bytes:
    """One page of rows as JSON, in ASCII as the rest of this API."""
    parts: list[str] = []
    bytes_so_far, last, has_more = 0, asked.cursor, False
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


EXPORTS = (
    Export(
        path="/machines/SoftwareVulnerabilitiesByMachine",
        id="compatibleVulnerabilityExport",
        summary="Every vulnerability of every software version on every machine",
        permission=Permission.VULNERABILITY_READ,
        entity=AssetVulnerability,
        context="AssetVulnerability",
        rows=defender_exports.rows,
        files=("/machines/SoftwareVulnerabilitiesExport", "compatibleVulnerabilityFiles"),
    ),
    Export(
        path="/machines/SoftwareVulnerabilityChangesByMachine",
        id="compatibleVulnerabilityChanges",
        summary="Vulnerabilities that came to machines or went, since a time",
        permission=Permission.VULNERABILITY_READ,
        entity=DeltaAssetVulnerability,
        context="DeltaAssetVulnerability",
        rows=defender_exports.rows,
        is_delta=True,
    ),
    Export(
        path="/machines/SecureConfigurationsAssessmentByMachine",
        id="compatibleConfigurationExport",
        summary="What every check says of every machine",
        permission=Permission.VULNERABILITY_READ,
        entity=AssetConfiguration,
        context="AssetConfiguration",
        rows=defender_assessments.rows,
        files=("/machines/SecureConfigurationsAssessmentExport", "compatibleConfigurationFiles"),
    ),
    Export(
        path="/machines/baselineComplianceAssessmentByMachine",
        id="compatibleBaselineExport",
        summary="What every check of every baseline profile says of the machines that it is for",
        permission=Permission.BASELINES_READ,
        entity=AssetBaselineAssessment,
        context="AssetBaselineAssessment",
        rows=defender_baselines.rows,
        files=("/machines/BaselineComplianceAssessmentExport", "compatibleBaselineFiles"),
    ),
)
"""The one list of exports to add to."""

ROUTES = tuple(_route(one) for one in EXPORTS)
