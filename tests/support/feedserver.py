"""A feed server on loopback that answers as a function says, and notes what was asked."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP only: reading the system's authorities takes longer than most tests."""


class Asked(NamedTuple):
    """One request; ``query``: the last value of each name."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Told(NamedTuple):
    """One answer. ``length``: announced instead of the true one; the connection is cut after the body then."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}
    length: int | None = None


class FeedServer(http.server.ThreadingHTTPServer):
    """``answer`` is called for each request, from several threads."""

    daemon_threads = True
    answer: Callable[[Asked], Told]
    asked: list[Asked]

    @property
    def url(self) -> str:
        """Its address, without a slash."""
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        """What was asked for since this was last called."""
        found = [asked.path for asked in self.asked]
        self.asked.clear()
        return found


class _Handler(http.server.BaseHTTPRequestHandler):
    server: FeedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        asked = Asked(parts.path, query, dict(self.headers))
        self.server.asked.append(asked)
        told = self.server.answer(asked)
        self.send_response(told.status)
        self.send_header("Content-Length", str(len(told.body) if told.length is None else told.length))
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(told.body)
        except ConnectionError:
            self.close_connection = True
        if told.length is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def feed_server(answer: Callable[[Asked], Told]) -> Iterator[FeedServer]:
    """A running server."""
    server = FeedServer(("127.0.0.1", 0), _Handler)
    server.answer, server.asked = answer, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
