"""Drives an ASGI application without sockets: any method, path, header and body, and streams that stay
open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any


class Answered:
    """One answer; ``headers`` by lower-case name."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.pairs = [(name.decode().lower(), value.decode()) for name, value in headers]
        self.headers = dict(self.pairs)
        self.body = body

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """A caller of one application, which runs on an event loop of its own."""

    def __init__(self, app: Any, *, scheme: str = "http", host: str = "localhost:8484") -> None:
        self.app = app
        self.scheme = scheme
        self.host = host
        self.headers: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any, timeout_seconds: float = 30) -> Any:
        """Run something on the application's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout_seconds)

    def close(self) -> None:
        """Stop the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def scope(self, method: str, target: str, headers: dict[str, str]) -> dict[str, Any]:
        """As uvicorn makes it; ``target`` is path and query as they are on the wire."""
        from urllib.parse import unquote

        path, _, query = target.partition("?")
        given = {"host": self.host, **self.headers, **headers}
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8484),
            "state": {},
        }

    def request(
        self,
        method: str,
        target: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        json_body: Any = None,
    ) -> Answered:
        """One request from start to end."""
        given = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body).encode()
            given.setdefault("content-type", "application/json")
        return self.run(self._request(self.scope(method, target, given), body))

    def get(self, target: str, **headers: str) -> Answered:
        """A GET."""
        return self.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, target: str, json_body: Any, **headers: str) -> Answered:
        """A POST of JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", target, headers=named, json_body=json_body)

    @contextlib.contextmanager
    def stream(self, target: str, headers: dict[str, str] | None = None) -> Iterator[Stream]:
        """A GET whose body is read piece by piece."""
        opened = Stream(self, self.scope("GET", target, headers or {}))
        try:
            yield opened
        finally:
            opened.close()

    async def _request(self, scope: dict[str, Any], body: bytes) -> Answered:
        sent: list[dict[str, Any]] = []
        complete = asyncio.Event()
        parts = [body[start : start + 65_536] for start in range(0, len(body), 65_536)] or [b""]

        async def receive() -> dict[str, Any]:
            if parts:
                part = parts.pop(0)
                return {"type": "http.request", "body": part, "more_body": bool(parts)}
            await complete.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(dict(message))
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                complete.set()

        await self.app(scope, receive, send)
        start = sent[0]
        return Answered(start["status"], start["headers"], b"".join(one.get("body", b"") for one in sent[1:]))


class Stream:
    """An answer that is still coming. ``block()`` gives the next part up to an empty line."""

    def __init__(self, client: Client, scope: dict[str, Any]) -> None:
        self._client = client
        self._gone = asyncio.Event()
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()
        self._started: asyncio.Future[dict[str, Any]] = client._loop.create_future()
        self._buffer = b""
        self._is_first = True
        self._task = asyncio.run_coroutine_threadsafe(self._run(scope), client._loop)
        self.start = client.run(asyncio.wait_for(self._started, 10))

    @property
    def status(self) -> int:
        """Status of the answer."""
        return int(self.start["status"])

    def block(self, timeout_seconds: float = 10) -> str:
        """The next event, comment or other block; empty text at the end."""
        return str(self._client.run(self._block(), timeout_seconds))

    def event(self, timeout_seconds: float = 10) -> tuple[str, Any, int | None]:
        """(event, data, id) of the next block that is an event."""
        while True:
            block = self.block(timeout_seconds)
            if not block:
                return "end", None, None
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if "event" in fields:
                return fields["event"], json.loads(fields["data"]), int(fields["id"]) if "id" in fields else None

    def close(self) -> None:
        """Go away, as a browser does."""
        self._client._loop.call_soon_threadsafe(self._gone.set)
        with contextlib.suppress(BaseException):
            self._task.result(10)

    async def _block(self) -> str:
        while b"\n\n" not in self._buffer:
            part = await self._parts.get()
            if part == b"":
                return ""
            self._buffer += part
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        return block.decode()

    async def _run(self, scope: dict[str, Any]) -> None:
        async def receive() -> dict[str, Any]:
            if self._is_first:
                self._is_first = False
                return {"type": "http.request", "body": b"", "more_body": False}
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._started.set_result(dict(message))
            elif message.get("body"):
                self._parts.put_nowait(message["body"])
            elif not message.get("more_body", False):
                self._parts.put_nowait(b"")

        try:
            await self._client.app(scope, receive, send)
        finally:
            self._parts.put_nowait(b"")
            if not self._started.done():
                self._started.set_result({"status": 0, "headers": []})
