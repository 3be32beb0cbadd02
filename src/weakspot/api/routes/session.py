"""Signing in, who am I, signing out."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post

from weakspot import __version__, access
from weakspot.access import Caller, Permission
from weakspot.api.authentication import COOKIE
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, body_of, caller_of, json_response, services_of
from weakspot.queries import groups
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import GroupRow
from weakspot.runtime.clock import SECOND
from weakspot.runtime.settings import Settings


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The secret of a sign-in link (the part behind ``#token=``)."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

    def __repr__(self) -> str:
        return "SignIn()"


class SessionUser(msgspec.Struct, frozen=True):
    """Who is signed in."""

    name: str
    role: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What a page needs to know about its session. ``csrf_token`` goes into ``X-CSRF-Token`` of every
    change.
    """

    user: SessionUser
    csrf_token: str
    permissions: list[str]
    groups: list[GroupRow]
    is_all_groups: bool
    version: str


_decoder = msgspec.json.Decoder(SignIn)

SIGN_IN = Operation(
    id="signIn",
    summary="Redeem a sign-in link for a session cookie",
    tag="session",
    permission=None,
    body=SignIn,
    answer=Session,
    errors=(401, 429),
)
SHOW = Operation(
    id="showSession",
    summary="Who is signed in, and what they may see",
    tag="session",
    permission=Permission.VIEW_DATA,
    answer=Session,
)
SIGN_OUT = Operation(
    id="signOut", summary="End the session", tag="session", permission=Permission.VIEW_DATA, status=204
)


@post("/session", opt={OPERATION: SIGN_IN}, name=SIGN_IN.id, status_code=200)
async def sign_in(request: ApiRequest) -> Response[bytes]:
    """A wrong, used or expired token is one and the same 401."""
    services = services_of(request)
    client = request.scope.get("client")
    services.sign_in_limit.check(client[0] if client else "", services.clock())
    asked = await body_of(request, _decoder)
    now = services.clock()
    issued = await services.reads.run(
        lambda: access.redeem_sign_in_link(services.database, asked.token, now, services.random)
    )
    document = await services.reads.read(lambda read: _session(read, issued.caller, issued.secret))
    response = json_response(document)
    response.headers["set-cookie"] = _cookie(
        services.settings, issued.secret, (issued.expires_at - now) // SECOND, is_tls=request.scope["scheme"] == "https"
    )
    return response


@get("/session", opt={OPERATION: SHOW}, name=SHOW.id)
async def show_session(request: ApiRequest) -> Response[bytes]:
    """For a token too; then ``csrf_token`` is empty, as it needs none."""
    caller = caller_of(request)
    credentials = request.scope["state"]["credentials"]
    secret = credentials.secret if credentials.is_cookie else ""
    document = await services_of(request).reads.read(lambda read: _session(read, caller, secret))
    return json_response(document)


@delete("/session", opt={OPERATION: SIGN_OUT}, name=SIGN_OUT.id, status_code=204)
async def sign_out(request: ApiRequest) -> Response[None]:
    """Ends the session of the cookie; nothing happens to a token."""
    services = services_of(request)
    credentials = request.scope["state"]["credentials"]
    if credentials.is_cookie:
        now = services.clock()
        await services.reads.run(lambda: access.sign_out(services.database, credentials.secret, now))
    cookie = _cookie(services.settings, "", 0, is_tls=request.scope["scheme"] == "https")
    return Response(None, status_code=204, headers={"set-cookie": cookie, "clear-site-data": '"cache"'})


ROUTES = (sign_in, show_session, sign_out)


def _session(read: ReadContext, caller: Caller, secret: str) -> Session:
    return Session(
        user=SessionUser(caller.name, caller.role),
        csrf_token=access.csrf_token(secret) if secret else "",
        permissions=sorted(caller.permissions),
        groups=groups.visible(read, caller.scope),
        is_all_groups=caller.scope.group_ids is None,
        version=__version__,
    )


def _cookie(settings: Settings, secret: str, max_age_seconds: int, *, is_tls: bool) -> str:
    secure = "; Secure" if is_tls or settings.is_tls else ""
    return f"{COOKIE}={secret}; Path=/api; Max-Age={max_age_seconds}; HttpOnly; SameSite=Strict{secure}"
