"""Behind the guard: who asks, whether a change is forged, and which part answers.

What devices send goes to the intake, the console's files to its visitors, everything else to the API.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import msgspec
from litestar.exceptions import MethodNotAllowedException, NotFoundException

from weakspot.access import Caller
from weakspot.api.authentication import SIGN_IN, Authenticator, Credentials, check_change, credentials_of
from weakspot.api.console import Console
from weakspot.api.defender.paths import canonical_path
from weakspot.api.intake import Intake
from weakspot.api.reads import ReadPool
from weakspot.api.routes.uploads import body_limit
from weakspot.api.wire import SLASH_STAND_IN, App, Receive, Scope, Send, headers_of, limited, send_answer
from weakspot.runtime.clock import Clock
from weakspot.runtime.errors import AccessError, BadQuery, MethodNotAllowed, NotFound
from weakspot.runtime.settings import Settings


class Parts(msgspec.Struct, frozen=True):
    """What the edge sends requests to."""

    api: App
    allowed_methods: Callable[[str], str]
    intake: Intake
    console: Console
    authenticator: Authenticator
    reads: ReadPool
    settings: Settings
    clock: Clock


class Edge:
    """What the guard lets in goes on from here."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; life-cycle events go to the framework. Errors go up to the guard."""
        if scope["type"] == "lifespan":
            await self._parts.api(scope, receive, send)
            return
        path: str = scope["path"]
        if self._parts.intake.handles(path):
            await self._parts.intake(scope, receive, send)
            return
        given = headers_of(scope)
        if path != "/api" and not path.lower().startswith("/api/"):
            await send_answer(
                send, self._parts.console.answer(scope["method"], path, given), is_head=scope["method"] == "HEAD"
            )
            return
        credentials = credentials_of(given)
        caller = await self._caller(credentials)
        check_change(scope["method"], given, credentials, f"{scope['scheme']}://{given.get('host', '')}")
        scope["state"].update(caller=caller, credentials=credentials, headers=given)
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
