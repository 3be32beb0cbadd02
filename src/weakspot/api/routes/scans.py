"""Authenticated scans over SSH: what is asked, a test run, the history, and keys that a person accepts."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post

from weakspot.access import Caller, Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, services_of
from weakspot.api.services import ApiServices
from weakspot.inventory.scans import NewScan, Outcome, Run, Scan
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class ScanRow(msgspec.Struct, frozen=True, kw_only=True):
    """A scan without its credentials."""

    id: int
    name: str
    targets: list[str]
    username: str
    port: int
    every_hours: int
    created_at: str
    last_run_at: str | None


class ScanRunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what came of each address."""

    id: int
    kind: str
    started_at: str
    ended_at: str
    outcomes: list[Outcome]


class RunRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """test: ask the first five addresses and record nothing, answered when done; asked: all of them, in the
    background.
    """

    kind: Literal["test", "asked"] = "test"


class KeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key of an address that a person looked at: its fingerprint as an outcome shows it."""

    address: Text
    fingerprint: Text


_new = msgspec.json.Decoder(NewScan)
_run = msgspec.json.Decoder(RunRequest)
_key = msgspec.json.Decoder(KeyRequest)


def _declare(name: str, summary: str, answer: Any, **more: Any) -> Operation:
    permission = Permission.MANAGE_SECURITY
    return Operation(id=name, summary=summary, tag="scans", permission=permission, answer=answer, **more)


LIST = _declare("listScans", "Authenticated scans, by name", list[ScanRow])
ADD = _declare(
    "addScan", "Add a scan; its credentials are sealed and never given out", ScanRow, body=NewScan, errors=(409,)
)
RUNS = _declare("listScanRuns", "Runs of a scan, newest first", list[ScanRunRow], errors=(404,))
RUN = _declare(
    "runScan",
    "Run a scan; a test answers with its outcomes, a full run with an empty list while it goes on",
    list[ScanRunRow],
    body=RunRequest,
    errors=(404, 409),
)
ACCEPT = _declare(
    "acceptScanKey", "Trust the key that an address shows now", None, body=KeyRequest, status=204, errors=(404,)
)
REMOVE = _declare("removeScan", "Remove a scan with its credentials", None, status=204, errors=(404,))


@get("/scans", opt={OPERATION: LIST}, name=LIST.id)
async def list_scans(request: ApiRequest) -> Response[bytes]:
    """Without credentials."""
    asked_of(request, LIST)
    services = services_of(request)
    return json_response([_row(one) for one in await services.reads.run(services.scanner.all)])


@post("/scans", opt={OPERATION: ADD}, name=ADD.id, status_code=200)
async def add_scan(request: ApiRequest) -> Response[bytes]:
    """Due at once when it has a schedule."""
    services, actor = services_of(request), caller_of(request)
    new = await body_of(request, _new)
    return json_response(_row(await services.reads.run(lambda: services.scanner.add(actor, new))))


@get("/scans/{id:str}/runs", opt={OPERATION: RUNS}, name=RUNS.id)
async def list_runs(request: ApiRequest) -> Response[bytes]:
    """The last fifty."""
    services = services_of(request)
    number = _number(asked_of(request, RUNS).path["id"])
    return json_response([_run_row(one) for one in await services.reads.run(lambda: services.scanner.history(number))])


@post("/scans/{id:str}/runs", opt={OPERATION: RUN}, name=RUN.id, status_code=200)
async def run_scan(request: ApiRequest) -> Response[bytes]:
    """Its outcomes are in the history."""
    services, actor = services_of(request), caller_of(request)
    number = _number(asked_of(request, RUN).path["id"])
    asked = await body_of(request, _run)
    if asked.kind == "test":
        done = await services.reads.run(lambda: services.scanner.run(actor, number, "test"))
        return json_response([_run_row(done)])
    await services.reads.run(lambda: services.scanner.history(number))
    threading.Thread(target=_in_background, args=(services, actor, number), name="scan", daemon=True).start()
    return json_response([])


@post("/scans/{id:str}/keys", opt={OPERATION: ACCEPT}, name=ACCEPT.id, status_code=204)
async def accept_key(request: ApiRequest) -> Response[None]:
    """Asked of the address once more, so that what was looked at is what is trusted."""
    services, actor = services_of(request), caller_of(request)
    number = _number(asked_of(request, ACCEPT).path["id"])
    asked = await body_of(request, _key)
    await services.reads.run(lambda: services.scanner.accept(actor, number, asked.address, asked.fingerprint))
    return Response(None, status_code=204)


@delete("/scans/{id:str}", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=204)
async def remove_scan(request: ApiRequest) -> None:
    """What it found stays."""
    services, actor = services_of(request), caller_of(request)
    number = _number(asked_of(request, REMOVE).path["id"])
    await services.reads.run(lambda: services.scanner.remove(actor, number))


ROUTES = (list_scans, add_scan, list_runs, run_scan, accept_key, remove_scan)


def _in_background(services: ApiServices, actor: Caller, number: int) -> None:
    services.scanner.run_quietly(actor, number)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NotFound("There is no such scan; list them to see which there are.")
    return int(text)


def _row(one: Scan) -> ScanRow:
    return ScanRow(
        id=one.id,
        name=one.name,
        targets=list(one.targets),
        username=one.username,
        port=one.port,
        every_hours=one.every_hours,
        created_at=to_iso(one.created_at),
        last_run_at=None if one.last_run_at is None else to_iso(one.last_run_at),
    )


def _run_row(one: Run) -> ScanRunRow:
    return ScanRunRow(
        id=one.id,
        kind=one.kind,
        started_at=to_iso(one.started_at),
        ended_at=to_iso(one.ended_at),
        outcomes=list(one.outcomes),
    )
