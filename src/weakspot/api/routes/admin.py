"""What the command line asks a running server to do, and what administrators do by API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from weakspot import access
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.problems import to_error
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, services_of
from weakspot.api.services import CheckResult, EnrolmentRequestRow, EnrolmentTokenRow
from weakspot.runtime.clock import DAY, to_iso
from weakspot.runtime.errors import InvalidField

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Days = Annotated[int, msgspec.Meta(ge=1, le=366)]
Ids = Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=2**53)]], msgspec.Meta(max_length=1000)]


class LinkRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to sign in; absent: the first administrator."""

    user: Name | None = None


class LinkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A single-use secret and the path that carries it in its fragment."""

    token: str
    path: str
    user: str
    expires_at: str


class ApiTokenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A credential for a program. ``groups`` null: all that the maker sees; ``permissions`` null: all of
    the role's.
    """

    name: Name
    role: Name = "reader"
    days: Days = 90
    permissions: Annotated[list[Name], msgspec.Meta(max_length=50)] | None = None
    groups: Ids | None = None


class ApiTokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A new API token; shown once."""

    id: int
    token: str
    name: str
    expires_at: str


class EnrolmentTokenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token with which sensors enrol."""

    name: Name = "devices"
    uses: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    days: Days = 1


class EnrolmentDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator says to a takeover; ``separate`` lets it enrol as a device of its own."""

    id: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    decision: Literal["approved", "rejected", "separate"]


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sources (none: all), and from which mirror folder on the server instead of the public feeds."""

    sources: Annotated[list[Name], msgspec.Meta(max_length=100)] = []
    mirror: Annotated[str, msgspec.Meta(max_length=4096)] | None = None


class RebuildRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose yet."""


_link = msgspec.json.Decoder(LinkRequest)
_api_token = msgspec.json.Decoder(ApiTokenRequest)
_enrolment_token = msgspec.json.Decoder(EnrolmentTokenRequest)
_decision = msgspec.json.Decoder(EnrolmentDecision)
_sync = msgspec.json.Decoder(SyncRequest)
_rebuild = msgspec.json.Decoder(RebuildRequest)


def _declare(name: str, summary: str, permission: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="administration", permission=permission, answer=answer, body=body, **more
    )


LINK = _declare(
    "issueSignInLink",
    "Make a single-use sign-in link",
    Permission.MANAGE_SYSTEM,
    LinkAnswer,
    LinkRequest,
    errors=(404,),
)
API_TOKEN = _declare("createApiToken", "Make an API token", Permission.MANAGE_SYSTEM, ApiTokenAnswer, ApiTokenRequest)
ENROLMENT_TOKEN = _declare(
    "issueEnrolmentToken",
    "Make a token with which sensors enrol",
    Permission.MANAGE_SECURITY,
    EnrolmentTokenRow,
    EnrolmentTokenRequest,
)
REQUESTS = _declare(
    "listEnrolmentRequests",
    "Sensors that ask to take over a known device",
    Permission.MANAGE_SECURITY,
    list[EnrolmentRequestRow],
)
DECIDE = _declare(
    "decideEnrolmentRequest",
    "Approve or reject a takeover",
    Permission.MANAGE_SECURITY,
    None,
    EnrolmentDecision,
    status=204,
    errors=(404,),
)
SYNC = _declare(
    "syncFeeds",
    "Load intelligence; the answer streams progress as one JSON object a line, the outcome last",
    Permission.MANAGE_SYSTEM,
    None,
    SyncRequest,
    media_type="application/jsonl",
)
CHECK = _declare("checkDerived", "Prove that what runs equals a rebuild", Permission.MANAGE_SYSTEM, CheckResult)
REBUILD = _declare(
    "rebuildDerived", "Derive everything again", Permission.MANAGE_SYSTEM, dict[str, Any], RebuildRequest
)


@post("/admin/sign-in-links", opt={OPERATION: LINK}, name=LINK.id, status_code=200)
async def issue_sign_in_link(request: ApiRequest) -> Response[bytes]:
    """The token goes into the fragment, so that it reaches no log and no Referer."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _link)
    issued = await services.reads.run(
        lambda: access.issue_sign_in_link(services.database, actor, asked.user, services.clock(), services.random)
    )
    return json_response(
        LinkAnswer(
            token=issued.secret,
            path=f"/#token={issued.secret}",
            user=issued.user_name,
            expires_at=to_iso(issued.expires_at),
        )
    )


@post("/admin/api-tokens", opt={OPERATION: API_TOKEN}, name=API_TOKEN.id, status_code=200)
async def create_api_token(request: ApiRequest) -> Response[bytes]:
    """Never more than its maker has."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _api_token)
    issued = await services.reads.run(
        lambda: access.create_api_token(
            services.database,
            actor,
            name=asked.name,
            role=asked.role,
            life=asked.days * DAY,
            now=services.clock(),
            permissions=asked.permissions,
            group_ids=None if asked.groups is None else frozenset(asked.groups),
            random=services.random,
        )
    )
    return json_response(
        ApiTokenAnswer(id=issued.id, token=issued.secret, name=issued.name, expires_at=to_iso(issued.expires_at))
    )


@post("/admin/enrolment-tokens", opt={OPERATION: ENROLMENT_TOKEN}, name=ENROLMENT_TOKEN.id, status_code=200)
async def issue_enrolment_token(request: ApiRequest) -> Response[bytes]:
    """Shown once."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _enrolment_token)
    return json_response(
        await services.reads.run(
            lambda: services.admin.issue_enrolment_token(actor, asked.name, asked.uses, asked.days * DAY)
        )
    )


@get("/admin/enrolment-requests", opt={OPERATION: REQUESTS}, name=REQUESTS.id)
async def list_enrolment_requests(request: ApiRequest) -> Response[bytes]:
    """Oldest first."""
    asked_of(request, REQUESTS)
    services = services_of(request)
    return json_response(await services.reads.run(services.admin.enrolment_requests))


@post("/admin/enrolment-requests", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=204)
async def decide_enrolment_request(request: ApiRequest) -> Response[None]:
    """In force when the sensor asks next."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _decision)
    await services.reads.run(lambda: services.admin.decide_enrolment(actor, asked.id, asked.decision))
    return Response(None, status_code=204)


@post("/admin/feeds/sync", opt={OPERATION: SYNC}, name=SYNC.id, status_code=200)
async def sync_feeds(request: ApiRequest) -> Response[bytes]:
    """A source that fails is told in its line and does not stop the others."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _sync)
    if asked.mirror is not None and not asked.mirror.startswith("/"):
        raise InvalidField("mirror is an absolute path on the server.", field="mirror")
    progress = services.admin.sync_feeds(actor, tuple(asked.sources), asked.mirror)
    request_id = request.scope["state"]["request_id"]

    async def lines() -> AsyncIterator[bytes]:
        while True:
            line = await services.reads.run(lambda: _next_line(progress, request_id))
            if line is None:
                return
            yield line

    return Stream(lines(), media_type="application/jsonl")  # type: ignore[return-value]


@get("/admin/check", opt={OPERATION: CHECK}, name=CHECK.id)
async def check_derived(request: ApiRequest) -> Response[bytes]:
    """Reads everything; takes seconds on a large fleet."""
    asked_of(request, CHECK)
    services = services_of(request)
    return json_response(await services.reads.run(services.admin.check))


@post("/admin/rebuild", opt={OPERATION: REBUILD}, name=REBUILD.id, status_code=200)
async def rebuild_derived(request: ApiRequest) -> Response[bytes]:
    """One transaction."""
    services, actor = services_of(request), caller_of(request)
    await body_of(request, _rebuild)
    return json_response(await services.reads.run(lambda: services.admin.rebuild(actor)))


ROUTES = (
    issue_sign_in_link,
    create_api_token,
    issue_enrolment_token,
    list_enrolment_requests,
    decide_enrolment_request,
    sync_feeds,
    check_derived,
    rebuild_derived,
)


def _next_line(progress: Iterator[dict[str, Any]], request_id: str) -> bytes | None:
    try:
        step = next(progress, None)
    except Exception as error:  # the answer has begun: the failure is its last line
        problem = to_error(error, request_id).problem(instance=f"urn:uuid:{request_id}")
        step = {"problem": msgspec.to_builtins(problem)}
    return None if step is None else msgspec.json.encode(step) + b"\n"
