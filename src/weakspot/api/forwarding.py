"""Passes requests on to the process that holds the fleet index, and its answers back, as they come.

The two speak HTTP over a socket in the data folder that its owner alone can open. The guard there does what has to be
done; here the connection's own headers are left out, and the client's address and scheme are told in headers that no
client can set.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpcore

from weakspot.api.wire import ClientGone, Receive, Scope, Send
from weakspot.runtime.errors import InputError, Unavailable

FORWARDED_FOR, FORWARDED_PROTO = b"x-forwarded-for", b"x-forwarded-proto"
_OF_THE_CONNECTION = frozenset(
    (b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade", b"forwarded", FORWARDED_FOR, FORWARDED_PROTO)
)  # fmt: skip
_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 20.0
"""Shorter than the other side keeps an idle connection open, so that none is used just when it closes."""
_KEPT = 8
"""Idle connections that are kept: the pool looks at each of them for every request."""
_TIMEOUTS = {"connect": _CONNECT_SECONDS}
_STARTING = "The server is starting; send the request again in a few seconds."


class Forward:
    """The ASGI application that another process answers for. Raises Unavailable while that one is away."""

    def __init__(self, path: Path, connections: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            uds=str(path), max_connections=connections, max_keepalive_connections=_KEPT, keepalive_expiry=_IDLE_SECONDS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on. Where the client goes away, the other side sees that its own client does."""
        body = _Body(receive)
        passing = asyncio.ensure_future(self._pass(scope, body, send))
        leaving = asyncio.ensure_future(body.gone())
        try:
            await asyncio.wait((passing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not passing.done():
                raise ClientGone
            await passing
        finally:
            for task in (passing, leaving):
                task.cancel()
            await asyncio.gather(passing, leaving, return_exceptions=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def _pass(self, scope: Scope, body: _Body, send: Send) -> None:
        request = httpcore.Request(
            scope["method"].encode("ascii"),
            httpcore.URL(scheme=b"http", host=b"engine", target=_target(scope)),
            headers=_headers(scope),
            content=body.parts() if _has_body(scope) else None,
            extensions={"timeout": _TIMEOUTS},
        )
        if not _has_body(scope):
            body.is_read.set()
        try:
            answer = await self._pool.handle_async_request(request)
        except httpcore.LocalProtocolError as error:
            raise InputError(f"A header of the request is not valid ({str(error)[:120]}); correct it.") from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError, httpcore.TimeoutException) as error:
            raise Unavailable(_STARTING, retry_after_seconds=2) from error
        async with contextlib.aclosing(answer):
            kept = [(name, value) for name, value in answer.headers if name.lower() not in _OF_THE_CONNECTION]
            await send({"type": "http.response.start", "status": answer.status, "headers": kept})
            async for part in answer.aiter_stream():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


class _Body:
    """A request's body, and after it the moment when the client goes away."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_read = asyncio.Event()

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ClientGone where it ends before its time."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            if part := message.get("body", b""):
                yield part
            if not message.get("more_body", False):
                self.is_read.set()
                return

    async def gone(self) -> None:
        """Returns when the client has closed the connection."""
        await self.is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _target(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    return path + b"?" + query if query else path


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    peer = scope.get("client") or ("", 0)
    kept = [(name, value.strip()) for name, value in scope["headers"] if name.lower() not in _OF_THE_CONNECTION]
    told = [(FORWARDED_FOR, str(peer[0]).encode()), (FORWARDED_PROTO, scope["scheme"].encode())]
    if _is_chunked(scope):
        told.append((b"transfer-encoding", b"chunked"))
    return kept + told


def _has_body(scope: Scope) -> bool:
    declared = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), b"0")
    return declared.strip() != b"0" or _is_chunked(scope)


def _is_chunked(scope: Scope) -> bool:
    return any(name.lower() == b"transfer-encoding" for name, _ in scope["headers"])
