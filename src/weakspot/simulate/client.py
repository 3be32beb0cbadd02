"""A small HTTP/1.1 client for very many requests to one server: kept-alive connections, no redirects, no cookies."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from urllib.parse import urlsplit

import msgspec

MAX_ANSWER = 16 * 1024 * 1024


class HttpAnswer(msgspec.Struct, frozen=True):
    """Status and body of an answer."""

    status: int
    body: bytes


class Connection:
    """One connection, opened when it is first needed and again after it broke; one request at a time."""

    def __init__(self, url: str, trust: ssl.SSLContext | None = None, *, timeout_seconds: float = 60.0) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._trust = (trust or ssl.create_default_context()) if parts.scheme == "https" else None
        self._netloc = parts.netloc
        self._timeout = timeout_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, token: str, body: bytes = b"") -> HttpAnswer:
        """Send and read the answer. Raises OSError when there is none (the request may have been taken then)."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(method, path, token, body)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError) as error:
            await self.close()
            raise ConnectionError(f"no answer from {self._netloc}: {error!r}") from error
        except asyncio.CancelledError:
            self._drop()
            raise

    async def close(self) -> None:
        """Close the connection. Idempotent."""
        streams = self._drop()
        if streams is not None:
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    def _drop(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
        return streams

    async def _exchange(self, method: str, path: str, token: str, body: bytes) -> HttpAnswer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=self._trust)
        reader, writer = self._streams
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._netloc}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode("latin-1") + body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        status = int(lines[0].split(b" ", 2)[1])
        headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(b":") for one in lines[1:])}
        length = int(headers.get(b"content-length", b"0"))
        if length > MAX_ANSWER or b"transfer-encoding" in headers:
            raise ValueError("an answer of this form is not read here")
        answer = HttpAnswer(status, await reader.readexactly(length))
        if headers.get(b"connection", b"").lower() == b"close":
            self._drop()
        return answer
