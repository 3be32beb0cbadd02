"""The outermost layer: every request passes here first and every answer last.

Gives the request an id, checks the Host, bounds path and query, finds the caller, refuses forged changes,
sends it to the sensors' calls, the API or the console, adds the security headers, and turns whatever was
raised into a problem.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import msgspec
from litestar.exceptions import MethodNotAllowedException, NotFoundException

from weakspot.access import Caller
from weakspot.api import headers, problems
from weakspot.api.agents import AgentApp
from weakspot.api.authentication import SIGN_IN, Authenticator, Credentials, check_change, credentials_of
from weakspot.api.console import Console
from weakspot.api.defender import errors as compatible
from weakspot.api.defender.paths import canonical_path, is_compatible
from weakspot.api.listing import MAXIMUM_QUERY_BYTES
from weakspot.api.reads import ReadPool
from weakspot.api.routes.uploads import body_limit
from weakspot.api.sensor import PREFIX as SENSOR_PREFIX
from weakspot.api.wire import (
    SLASH_STAND_IN,
    App,
    ClientGone,
    Message,
    Receive,
    Scope,
    Send,
    headers_of,
    limited,
    send_answer,
)
from weakspot.runtime.clock import Clock
from weakspot.runtime.errors import AccessError, BadQuery, HostNotAllowed, MethodNotAllowed, NotFound
from weakspot.runtime.settings import Settings

logger = logging.getLogger(__name__)

MAXIMUM_PATH = 2_048


class Parts(msgspec.Struct, frozen=True):
    """What the edge sends requests to."""

    api: App
    allowed_methods: Callable[[str], str]
    sensor: App
    agents: AgentApp
    console: Console
    authenticator: Authenticator
    reads: ReadPool
    settings: Settings
    clock: Clock


class Edge:
    """The ASGI application that the server runs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._hosts = parts.settings.host_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; life-cycle events go to the framework."""
        if scope["type"] == "lifespan":
            await self._parts.api(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        request_id = _request_id()
        guarded = _Sender(send, request_id, is_tls=scope.get("scheme") == "https")
        try:
            await self._dispatch(scope, receive, guarded, request_id)
        except ClientGone:
            return
        except Exception as error:
            told = problems.to_error(error, request_id)
            if guarded.has_started:
                logger.warning("answer broken off", exc_info=error, extra={"fields": {"request": request_id}})
                raise
            answer = problems.answer(told, request_id)
            if is_compatible(scope["path"]):
                answer = compatible.answer(told, request_id)
            await send_answer(guarded, answer, is_head=scope["method"] == "HEAD")

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        given = headers_of(scope)
        self._check_host(given)
        _check_line(scope)
        path: str = scope["path"]
        if self._parts.agents.handles(path):
            await self._parts.agents(scope, receive, send)
            return
        if path != "/api" and not path.lower().startswith("/api/"):
            await send_answer(
                send, self._parts.console.answer(scope["method"], path, given), is_head=scope["method"] == "HEAD"
            )
            return
        if path.startswith(SENSOR_PREFIX):
            await self._parts.sensor(scope, receive, send)
            return
        credentials = credentials_of(given)
        caller = await self._caller(credentials)
        check_change(scope["method"], given, credentials, f"{scope['scheme']}://{given.get('host', '')}")
        state = scope.setdefault("state", {})
        state.update(caller=caller, credentials=credentials, request_id=request_id, headers=given)
        scope["path"] = canonical_path(_segments(scope))
        scope["raw_path"] = scope["path"].encode()
        try:
            await self._parts.api(scope, limited(receive, body_limit(scope["path"], self._parts.settings)), send)
        except (NotFound, NotFoundException, MethodNotAllowedException) as error:
            if caller is None:  # who is not known learns nothing about which paths there are
                raise AccessError(SIGN_IN) from None
            if isinstance(error, MethodNotAllowedException):
                allow = self._parts.allowed_methods(scope["path"])
                raise MethodNotAllowed(f"This path answers {allow} only.", allow=allow) from None
            raise

    async def _caller(self, credentials: Credentials) -> Caller | None:
        if not credentials.secret:
            return None
        now = self._parts.clock()
        caller = await self._parts.reads.run(lambda: self._parts.authenticator.caller(credentials, now))
        if caller is None and not credentials.is_cookie:
            raise AccessError("That token is not valid: it is unknown, revoked or expired.")
        return caller

    def _check_host(self, given: dict[str, str]) -> None:
        host = given.get("host", "")
        if _host_name(host) not in self._hosts:
            raise HostNotAllowed(
                "This server does not answer under that host name; add it to WEAKSPOT_ALLOWED_HOSTS if it should.",
                field="Host",
            )


def _request_id() -> str:
    """A random UUID (version 4), without making an object of it first."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_ADDED = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": headers.API_POLICY,
        "cache-control": "no-store",
        **headers.COMMON,
    }.items()
)
_ADDED_TLS = (*_ADDED, (b"strict-transport-security", headers.HSTS.encode()))


class _Sender:
    """Adds the headers of every answer and remembers whether one has begun."""

    def __init__(self, send: Send, request_id: str, *, is_tls: bool) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self._is_tls = is_tls
        self.has_started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            present = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(one for one in (_ADDED_TLS if self._is_tls else _ADDED) if one[0] not in present),
                (b"x-request-id", self._request_id),
            ]
        await self._send(message)


def _check_line(scope: Scope) -> None:
    if len(scope.get("query_string", b"")) > MAXIMUM_QUERY_BYTES:
        raise BadQuery(f"The query string is over {MAXIMUM_QUERY_BYTES:,} bytes; ask for less at once.")
    path = scope["path"]
    if len(path) > MAXIMUM_PATH or not path.isprintable():
        raise BadQuery(f"A path has at most {MAXIMUM_PATH:,} printable characters.", field="path")


def _host_name(host: str) -> str:
    """``Example.org:8484`` -> ``example.org``; ``[::1]:8484`` -> ``::1``."""
    lowered = host.strip().lower()
    if lowered.startswith("["):
        return lowered[1:].partition("]")[0]
    return lowered.partition(":")[0].rstrip(".")


def _segments(scope: Scope) -> list[str]:
    """Decoded segments of the path; a slash that was percent-encoded stays inside its segment."""
    raw: bytes | None = scope.get("raw_path")
    if not raw:
        return str(scope["path"]).split("/")
    try:
        decoded = [unquote_to_bytes(part).decode("utf-8") for part in raw.partition(b"?")[0].split(b"/")]
    except UnicodeDecodeError:
        raise BadQuery("The path must be percent-encoded UTF-8.", field="path") from None
    return [part.replace("/", SLASH_STAND_IN) for part in decoded]
