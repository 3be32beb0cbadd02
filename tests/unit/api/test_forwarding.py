"""Requests that are passed on to the process that holds the index."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.asgi import Answered, Client
from weakspot.api.forwarding import Forward
from weakspot.api.guard import Guard
from weakspot.api.server import Server, listen_inside, make_server
from weakspot.runtime import settings
from weakspot.runtime.errors import Unavailable


class Behind:
    """The other process: keeps what it was asked, answers what the test says."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.body = b""
        self.was_left = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        if scope["path"] == "/endless":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            self.was_left.set()
            return
        self.body = b""
        while True:
            message = await receive()
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = [(b"content-type", b"text/plain"), (b"x-odd", b"kept"), (b"x-request-id", b"theirs")]
        await send({"type": "http.response.start", "status": 418, "headers": headers})
        await send({"type": "http.response.body", "body": b"part one, ", "more_body": True})
        await send({"type": "http.response.body", "body": b"part two"})


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def front(behind: Behind, tmp_path: Path) -> Iterator[Client]:
    given = settings.load({}, data=tmp_path)
    path = tmp_path / "inside"
    inside = listen_inside(path)
    ready = asyncio.Event()
    server = make_server(behind, given, None, ready=ready.set, ending=_nothing, is_inside=True, has_lifespan=False)
    forward = Forward(path, 10)
    client = Client(Guard(forward, given))
    serving = asyncio.run_coroutine_threadsafe(_serve(server, inside), client._loop)
    client.run(ready.wait())
    yield client
    server.should_exit = True
    client.run(forward.close())
    serving.result(60)
    inside.close()
    client.close()


async def _serve(server: Server, inside: socket.socket) -> None:
    await server._serve([inside])


async def _nothing() -> None: ...


def test_a_request_goes_on_as_it_came_and_so_does_the_answer(front: Client, behind: Behind) -> None:
    target = "/api/machines/a%2Fb?$filter=name%20eq%20'x'&b=%5B"
    answered = front.request(
        "POST", target, headers={"x-mine": "1", "cookie": "a=b", "content-length": "8"}, body=b"the body"
    )
    assert (answered.status, answered.body) == (418, b"part one, part two")
    assert (answered.headers["x-odd"], answered.headers["x-request-id"]) == ("kept", "theirs")
    assert behind.scope["raw_path"] == b"/api/machines/a%2Fb"
    assert behind.scope["query_string"] == b"$filter=name%20eq%20'x'&b=%5B"
    assert behind.body == b"the body"
    given = dict(behind.scope["headers"])
    assert (given[b"x-mine"], given[b"cookie"], given[b"host"]) == (b"1", b"a=b", b"localhost:8484")


def test_the_client_and_the_scheme_are_told_and_cannot_be_forged(front: Client, behind: Behind) -> None:
    front.scheme = "https"
    forged = {"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "http", "forwarded": "for=192.0.2.1"}
    front.request("GET", "/", headers=forged)
    assert (behind.scope["scheme"], behind.scope["client"][0]) == ("https", "127.0.0.1")
    assert b"forwarded" not in dict(behind.scope["headers"])


def test_a_body_without_a_length_goes_on_in_parts(front: Client, behind: Behind) -> None:
    body = b"x" * 200_000
    assert front.request("POST", "/", headers={"transfer-encoding": "chunked"}, body=body).status == 418
    assert behind.body == body


def test_a_client_that_leaves_is_left_behind_too(front: Client, behind: Behind) -> None:
    front.run(_leave_early(front, "/endless"), 60)
    front.run(behind.was_left.wait(), 60)


async def _leave_early(front: Client, target: str) -> None:
    first, left = asyncio.Event(), asyncio.Event()
    messages: AsyncIterator[dict[str, Any]] = _messages(left)

    async def send(message: Any) -> None:
        if message.get("body"):
            first.set()

    asking = asyncio.ensure_future(front.app(front.scope("GET", target, {}), messages.__anext__, send))
    await first.wait()
    left.set()
    await asking


async def _messages(left: asyncio.Event) -> AsyncIterator[dict[str, Any]]:
    yield {"type": "http.request", "body": b"", "more_body": False}
    await left.wait()
    yield {"type": "http.disconnect"}


def test_a_header_that_http_forbids_is_the_clients_error(front: Client) -> None:
    answered = front.request("GET", "/", headers={"x-bad": "a\x01b"})
    assert answered.status == 400


def test_while_the_other_is_away_the_answer_is_503(tmp_path: Path) -> None:
    given = settings.load({}, data=tmp_path)
    client = Client(Guard(Forward(tmp_path / "nobody", 2), given))
    answered: Answered = client.request("GET", "/api/v1/session")
    assert (answered.status, answered.headers["retry-after"]) == (503, "2")
    client.close()


def test_a_path_that_is_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="WEAKSPOT_INTAKE=inside"):
        listen_inside(tmp_path / ("x" * 120))
