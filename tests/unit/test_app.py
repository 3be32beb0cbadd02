"""The composition root: starts, answers on a socket, stops at once, leaves nothing behind."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from weakspot import app
from weakspot.runtime import settings
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.server import DataFolder


class Started:
    """A server in a thread of its own."""

    def __init__(self, data: Path, **overrides: object) -> None:
        self.application = app.build(settings.load({}, data=data, listen_port=0, **overrides))
        self._ready = threading.Event()
        self.url = ""
        self.server, run = app.start(self.application, self._on_ready)
        self.thread = threading.Thread(target=run)
        self.thread.start()
        assert self._ready.wait(20)

    def _on_ready(self, url: str) -> None:
        self.url = url
        self._ready.set()

    def connect(self, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        if context is not None:
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=10, context=context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def stop(self) -> float:
        """Seconds that it took."""
        began = time.monotonic()
        app.stop(self.server)
        self.thread.join(20)
        assert not self.thread.is_alive()
        return time.monotonic() - began


@contextmanager
def started(data: Path, **overrides: object) -> Iterator[Started]:
    running = Started(data, **overrides)
    try:
        yield running
    finally:
        running.stop()


def test_answers_then_stops_quickly_with_a_stream_open(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        connection = running.connect()
        headers = {"Authorization": f"Bearer {running.application.cli_token}"}
        connection.request("GET", "/api/v1/session", headers=headers)
        answered = connection.getresponse()
        assert answered.status == 200
        answered.read()
        found = DataFolder(tmp_path).running()
        assert found is not None
        assert (found[0].url, found[1]) == (running.url, running.application.cli_token)
        connection.request("GET", "/api/v1/events", headers=headers)
        stream = connection.getresponse()
        assert stream.readline() == b"retry: 2000\n"
        assert running.stop() < 2
        assert b"event: closed" in stream.read()
        connection.close()
    assert DataFolder(tmp_path).running() is None
    assert not (tmp_path / "run" / "cli-token").exists()


def test_a_second_server_is_refused_and_a_later_one_keeps_the_data(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        administrator = running.application.administrator
        with pytest.raises(Unavailable, match="Another Weakspot"):
            app.build(settings.load({}, data=tmp_path))
    with started(tmp_path) as running:
        assert running.application.administrator == administrator


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with started(tmp_path / "a") as running:
        port = urlsplit(running.url).port
        application = app.build(settings.load({}, data=tmp_path / "b", listen_port=port))
        try:
            with pytest.raises(Unavailable, match="WEAKSPOT_LISTEN_PORT"):
                app.start(application, lambda _: None)
        finally:
            application.close()
            application.close()


def test_other_machines_get_tls_with_the_own_authority(tmp_path: Path) -> None:
    with started(tmp_path, listen_host="0.0.0.0") as running:
        assert running.url.startswith("https://127.0.0.1:")
        files = running.application.tls
        assert files is not None
        connection = running.connect(ssl.create_default_context(cafile=str(files.authority)))
        connection.request("GET", "/")
        answered = connection.getresponse()
        assert answered.status == 200
        assert answered.getheader("strict-transport-security")
        assert answered.getheader("server") is None
        connection.close()
        issued = running.application.folder.running()
        assert issued is not None
        assert issued[0].fingerprint == files.fingerprint
