"""The outermost layer: every request passes here first and every answer last.

Gives the request an id, checks the Host, bounds path and query, adds the security headers, and turns whatever was
raised into a problem.
"""

from __future__ import annotations

import logging
import os

from weakspot.api import headers, problems
from weakspot.api.defender import errors as compatible
from weakspot.api.defender.paths import is_compatible
from weakspot.api.listing import MAXIMUM_QUERY_BYTES
from weakspot.api.wire import App, ClientGone, Message, Receive, Scope, Send, send_answer
from weakspot.runtime.errors import BadQuery, HostNotAllowed
from weakspot.runtime.settings import Settings

logger = logging.getLogger(__name__)

MAXIMUM_PATH = 2_048
_IDS_AT_ONCE = 256


class Guard:
    """The ASGI application that a server runs. ``state["request_id"]`` of a request's scope is its id."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._hosts = settings.host_names
        self._request_ids = _RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; life-cycle events go to the application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        request_id = self._request_ids.next()
        guarded = _Sender(send, request_id, is_tls=scope.get("scheme") == "https")
        try:
            self._check_host(scope)
            _check_line(scope)
            scope.setdefault("state", {})["request_id"] = request_id
            await self._app(scope, receive, guarded)
        except ClientGone:
            return
        except Exception as error:
            answer = _problem(error, scope["path"], request_id)
            if guarded.has_started:
                logger.warning("answer broken off", exc_info=error, extra={"fields": {"request": request_id}})
                raise
            await send_answer(guarded, answer, is_head=scope["method"] == "HEAD")

    def _check_host(self, scope: Scope) -> None:
        host: bytes = next((value for name, value in scope["headers"] if name.lower() == b"host"), b"")
        if _host_name(host.decode("latin-1")) not in self._hosts:
            raise HostNotAllowed(
                "This server does not answer under that host name; add it to WEAKSPOT_ALLOWED_HOSTS if it should.",
                field="Host",
            )


def _problem(error: Exception, path: str, request_id: str) -> problems.Answer:
    """Apart from where it was caught: a frame that its error's traceback names and that names the error is a cycle."""
    told = problems.to_error(error, request_id)
    return compatible.answer(told, request_id) if is_compatible(path) else problems.answer(told, request_id)


class _RequestIds:
    """Random UUIDs (version 4). The kernel is asked for many at once: each call of it lets other threads go first."""

    def __init__(self) -> None:
        self._unused: list[str] = []

    def next(self) -> str:
        """One that was never given."""
        if not self._unused:
            random = os.urandom(16 * _IDS_AT_ONCE)
            self._unused = [_uuid(bytearray(random[at : at + 16])) for at in range(0, len(random), 16)]
        return self._unused.pop()


def _uuid(raw: bytearray) -> str:
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
            added = (*(_ADDED_TLS if self._is_tls else _ADDED), (b"x-request-id", self._request_id))
            message["headers"] = [*message["headers"], *(one for one in added if one[0] not in present)]
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
