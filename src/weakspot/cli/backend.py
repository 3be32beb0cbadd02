"""The way to the product: the running server over loopback, or one in this process while none runs.

Either way a request goes through the same API with the same permissions; a command never touches tables itself.
"""

from __future__ import annotations

import contextlib
import json
import queue
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from weakspot.runtime.errors import Unavailable, WeakspotError
from weakspot.runtime.server import DataFolder, Running
from weakspot.runtime.settings import Settings

_START_SECONDS = 60.0
_TIMEOUT = httpx.Timeout(10.0, read=600.0)


class AnsweredError(WeakspotError):
    """The server said no; its own sentence is passed on."""


class Backend:
    """Requests to the API as the command line's own caller."""

    def __init__(self, base_url: str, token: str, verify: ssl.SSLContext | bool) -> None:
        self.base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._verify = verify

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer of a GET. Raises AnsweredError."""
        return self._request("GET", path, params=parameters)

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer of a POST. Raises AnsweredError."""
        return self._request("POST", path, json=body)

    def put(self, path: str, body: Any) -> Any:
        """The JSON answer of a PUT. Raises AnsweredError."""
        return self._request("PUT", path, json=body)

    def delete(self, path: str) -> None:
        """A DELETE. Raises AnsweredError."""
        self._request("DELETE", path)

    def upload(self, path: str, compressed: bytes, **parameters: str) -> Any:
        """The JSON answer of a POST of a gzip-compressed file."""
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}
        return self._request("POST", path, content=compressed, params=parameters, headers=headers)

    def stream(self, path: str, body: Any) -> Iterator[dict[str, Any]]:
        """The JSON lines that a POST answers with, as they come."""
        with self._client() as client, client.stream("POST", path, json=body) as response:
            if response.is_error:
                response.read()
            _checked(response)
            yield from (json.loads(line) for line in response.iter_lines() if line)

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        with self._client() as client:
            response = client.request(method, path, **arguments)
        return _checked(response).json() if response.content else None

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.base_url, headers=self._headers, verify=self._verify, timeout=_TIMEOUT, trust_env=False
        )


@contextlib.contextmanager
def connect(settings: Settings, *, must_run: bool = False) -> Iterator[Backend]:
    """The running server of this data folder, or one that runs in this process as long as the command does.

    must_run: the answer is of use only while a server goes on running. Raises Unavailable when none does then.
    """
    found = DataFolder(settings.data).running()
    if found is None and must_run:
        raise Unavailable(f"No server runs for the data folder {settings.data}; start one with `weakspot up`.")
    with _told_plainly(found[0].url if found else "loopback"):
        if found is not None:
            running, token = found
            yield Backend(running.url, token, trust_of(running))
        else:
            with _own_server(settings) as backend:
                yield backend


@contextlib.contextmanager
def _own_server(settings: Settings) -> Iterator[Backend]:
    from weakspot import app  # a second to load, which a command that asks a running server need not wait for

    application = app.build(msgspec.structs.replace(settings, listen_host="127.0.0.1", listen_port=0, intake="inside"))
    urls: queue.SimpleQueue[str] = queue.SimpleQueue()
    server, run = app.start(application, urls.put)
    thread = threading.Thread(target=run, name="server")
    thread.start()
    try:
        url = urls.get(timeout=_START_SECONDS)
        found = DataFolder(settings.data).running()
        yield Backend(url, application.cli_token, True if found is None else trust_of(found[0]))
    finally:
        app.stop(server)
        thread.join()


def trust_of(running: Running) -> ssl.SSLContext | bool:
    """How to verify a server: its own authority, or the system's."""
    return True if running.authority is None else ssl.create_default_context(cafile=running.authority)


@contextlib.contextmanager
def _told_plainly(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise Unavailable(f"The server at {url} did not answer ({error}); is it still running?") from error


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        try:
            detail = str(response.json().get("detail") or response.text)
        except ValueError:
            detail = f"The server answered with status {response.status_code}."
        raise AnsweredError(detail)
    return response
