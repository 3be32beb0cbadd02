"""A real HTTP server on loopback in front of the server model, with the faults of a real network."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.unit.sensor.support import DEVICE_ID, KEY, ServerModel, problem
from weakspot_sensor.transport import Answer


class LoopbackServer:
    """`plan` holds what happens to the next requests: "" (answered), "drop after", "500", "late", "html"."""

    def __init__(self) -> None:
        self.model = ServerModel()
        self.plan: list[str] = []
        self.enrol_answers: list[Answer] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.late_seconds = 5.0
        self.retry_after = ""
        self.url = ""

    def answer(self, path: str, headers: dict[str, str], payload: bytes) -> Answer:
        self.requests.append((path, headers, payload))
        key = headers.get("authorization", "").partition("Bearer ")[2]
        if not path.endswith("/enrol"):
            return self.model.post(path, payload, headers.get("content-encoding", ""), key)
        if self.enrol_answers:
            return self.enrol_answers.pop(0)
        if json.loads(payload)["token"] != "good-token-0123456789":
            return problem(403, "token-refused", detail="the token has expired")
        return Answer(200, {"device_id": DEVICE_ID, "device_key": KEY}, None)


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[LoopbackServer]:
    loopback = LoopbackServer()
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            fault = loopback.plan.pop(0) if loopback.plan else ""
            headers = {name.lower(): value for name, value in self.headers.items()}
            if fault == "500":
                self._send(500, b"oops", "text/plain")
                return
            if fault == "html":
                self._send(200, b"<html>Please sign in</html>", "text/html")
                return
            answer = loopback.answer(self.path, headers, payload)
            if fault == "drop after":
                return
            if fault == "late":
                release.wait(loopback.late_seconds)
            kind = "application/json" if answer.status < 400 else "application/problem+json"
            self._send(answer.status, json.dumps(answer.document).encode(), kind)

        def _send(self, status: int, data: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if loopback.retry_after:
                self.send_header("Retry-After", loopback.retry_after)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    loopback.url = "{}://127.0.0.1:{}".format("https" if tls else "http", server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield loopback
    finally:
        release.set()
        server.shutdown()
        server.server_close()
        thread.join()
