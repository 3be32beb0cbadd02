"""The way to the product: the running server over loopback, or its parts in this process when none runs.

Either way a request goes through the same API with the same permissions; a command never touches tables itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx

from weakspot.runtime.errors import Unavailable, WeakspotError
from weakspot.runtime.server import DataFolder, Running
from weakspot.runtime.settings import Settings

if TYPE_CHECKING:
    from weakspot.app import Application

_TIMEOUT = httpx.Timeout(10.0, read=600.0)


class AnsweredError(WeakspotError):
    """The server said no; its own sentence is passed on."""


class Backend:
    """Requests to the API as the command line's own caller."""

    def __init__(
        self, base_url: str, token: str, verify: ssl.SSLContext | bool, application: Application | None
    ) -> None:
        self.base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._verify = verify
        self._application = application

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer of a GET. Raises AnsweredError."""
        return self._request("GET", path, params=parameters)

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer of a POST. Raises AnsweredError."""
        return self._request("POST", path, json=body)

    def stream(self, path: str, body: Any) -> Iterator[dict[str, Any]]:
        """The JSON lines that a POST answers with, as they come (in this process: at the end)."""
        if self._application is not None:
            response = asyncio.run(self._in_process("POST", path, json=body))
            yield from (json.loads(line) for line in _checked(response).text.splitlines() if line)
            return
        with self._client() as client, client.stream("POST", path, json=body) as response:
            if response.is_error:
                response.read()
            _checked(response)
            yield from (json.loads(line) for line in response.iter_lines() if line)

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        if self._application is not None:
            response = asyncio.run(self._in_process(method, path, **arguments))
        else:
            with self._client() as client:
                response = client.request(method, path, **arguments)
        return _checked(response).json() if response.content else None

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.base_url, headers=self._headers, verify=self._verify, timeout=_TIMEOUT, trust_env=False
        )

    async def _in_process(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        assert self._application is not None
        transport = httpx.ASGITransport(app=self._application.asgi)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url, headers=self._headers) as client:
            return await client.request(method, path, timeout=_TIMEOUT, **arguments)


@contextlib.contextmanager
def connect(settings: Settings) -> Iterator[Backend]:
    """The running server of this data folder, or one built in this process for the time being."""
    found = DataFolder(settings.data).running()
    if found is not None:
        running, token = found
        with _told_plainly(running):
            yield Backend(running.url, token, trust_of(running), None)
        return
    from weakspot import app  # a second to load, which a command that asks a running server need not wait for

    application = app.build(settings)
    try:
        yield Backend("http://127.0.0.1", application.cli_token, True, application)
    finally:
        application.close()


def trust_of(running: Running) -> ssl.SSLContext | bool:
    """How to verify a server: its own authority, or the system's."""
    return True if running.authority is None else ssl.create_default_context(cafile=running.authority)


@contextlib.contextmanager
def _told_plainly(running: Running) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise Unavailable(f"The server at {running.url} did not answer ({error}); is it still running?") from error


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        try:
            detail = str(response.json().get("detail") or response.text)
        except ValueError:
            detail = f"The server answered with status {response.status_code}."
        raise AnsweredError(detail)
    return response
