"""osquery's TLS remote API: enroll, config, log, distributed/read and distributed/write; carves are refused.

A node reads ``node_invalid`` of a success and enrols again; any other status makes it keep what it has and come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from weakspot.api.agents.common import Client, Pools
from weakspot.api.inflation import inflate
from weakspot.api.problems import Answer
from weakspot.api.problems import headers_of as error_headers
from weakspot.api.rate import RateLimiter
from weakspot.api.wire import Receive, decode, json_answer, read_body
from weakspot.inventory.protocols.osquery import (
    DistributedAnswers,
    EnrolNode,
    LogMessage,
    NodeRequest,
    ResultLine,
    StatusLine,
)
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import (
    AccessError,
    DeviceKnown,
    Forbidden,
    InputError,
    MethodNotAllowed,
    WeakspotError,
)

PREFIXES = ("/api/osquery/", "/api/v1/osquery/")
_CALLS = frozenset({"enroll", "config", "log", "distributed/read", "distributed/write", "carve/begin", "carve/block"})
_SMALL = 256 * 1024
A_MINUTE = 120
"""Messages of one node in a minute; more are told to wait."""
_STATUS_LINES = 500
_INVALID = {"node_invalid": True}


class OsqueryPort(Protocol):
    """What the calls do; blocking. None: the key is not good."""

    def enrol(self, request: EnrolNode, now: Micros) -> str | None:
        """A key, or None while an approval is waited for. Raises AccessError, DeviceKnown."""

    def config(self, key: str, now: Micros) -> dict[str, Any] | None:
        """The configuration."""

    def questions(self, key: str, now: Micros) -> dict[str, str] | None:
        """Distributed queries."""

    def record_lines(self, key: str, lines: Sequence[ResultLine], now: Micros) -> bool | None:
        """Result lines."""

    def record_answers(self, key: str, queries: dict[str, Any], statuses: dict[str, Any], now: Micros) -> bool | None:
        """Answers to distributed queries."""

    def record_status(self, key: str, lines: Sequence[StatusLine], now: Micros) -> bool | None:
        """Lines of the node's own log."""

    def is_known(self, key: str, now: Micros) -> bool:
        """Whether the key is good."""


def call_of(path: str) -> str:
    """Which call a path is; empty for none."""
    for prefix in PREFIXES:
        if path.startswith(prefix) and path.removeprefix(prefix).rstrip("/") in _CALLS:
            return path.removeprefix(prefix).rstrip("/")
    return ""


class OsqueryApp:
    """Answers the calls of nodes."""

    def __init__(self, port: OsqueryPort, pools: Pools) -> None:
        self._port = port
        self._pools = pools
        self._nodes = RateLimiter(A_MINUTE, 60)
        self._calls = {
            "enroll": self._enrol,
            "config": self._config,
            "log": self._log,
            "distributed/read": self._questions,
            "distributed/write": self._answers,
        }
        self._enrolments = msgspec.json.Decoder(EnrolNode)
        self._requests = msgspec.json.Decoder(NodeRequest)
        self._logs = msgspec.json.Decoder(LogMessage, strict=False)
        self._lines = msgspec.json.Decoder(ResultLine, strict=False)
        self._statuses = msgspec.json.Decoder(StatusLine, strict=False)
        self._written = msgspec.json.Decoder(DistributedAnswers, strict=False)

    async def answer(self, client: Client, receive: Receive) -> Answer:
        """One request; errors are a status and a sentence in JSON."""
        try:
            if client.method != "POST":
                raise MethodNotAllowed("Nodes send POST.", allow="POST")
            call = self._calls.get(call_of(client.path))
            if call is None:
                raise Forbidden("Files are not taken from devices here; switch carving off (--disable_carver).")
            return json_answer(await call(client, receive))
        except WeakspotError as error:
            if error.status >= 500 and error.status != 503:
                raise
            answer = json_answer({"error": error.detail}, error.status)
            answer.headers.update(error_headers(error))
            return answer

    async def _enrol(self, client: Client, receive: Receive) -> dict[str, Any]:
        request = decode(await self._body(client, receive, _SMALL), self._enrolments)
        now = self._pools.clock()
        try:
            key = await self._pools.reads.run(lambda: self._port.enrol(request, now))
        except (AccessError, DeviceKnown):
            self._pools.note_refusal(client)
            key = None
        return _INVALID if key is None else {"node_key": key, "node_invalid": False}

    async def _config(self, client: Client, receive: Receive) -> dict[str, Any]:
        key = await self._key(client, receive)
        now = self._pools.clock()
        found = await self._pools.reads.run(lambda: self._port.config(key, now))
        return self._valid(client, found) or {**(found or {}), "node_invalid": False}

    async def _log(self, client: Client, receive: Receive) -> dict[str, Any]:
        body = await self._body(client, receive, self._pools.settings.report_inflated_bytes)
        now = self._pools.clock()
        message, lines, status = await self._pools.reads.run(lambda: self._read_log(body))
        self._nodes.check(message.node_key, now)
        key = message.node_key
        if status:
            done = await self._pools.reads.run(lambda: self._port.record_status(key, status, now))
        elif lines:
            done = await self._pools.reads.run(lambda: self._port.record_lines(key, lines, now))
        else:
            done = await self._pools.reads.run(lambda: self._port.is_known(key, now) or None)
        return self._valid(client, done) or {"node_invalid": False}

    async def _questions(self, client: Client, receive: Receive) -> dict[str, Any]:
        key = await self._key(client, receive)
        now = self._pools.clock()
        found = await self._pools.reads.run(lambda: self._port.questions(key, now))
        return self._valid(client, found) or {"queries": found, "node_invalid": False}

    async def _answers(self, client: Client, receive: Receive) -> dict[str, Any]:
        body = await self._body(client, receive, self._pools.settings.report_inflated_bytes)
        now = self._pools.clock()
        message = await self._pools.reads.run(lambda: decode(body, self._written))
        self._nodes.check(message.node_key, now)
        done = await self._pools.reads.run(
            lambda: self._port.record_answers(message.node_key, message.queries, message.statuses, now)
        )
        return self._valid(client, done) or {"node_invalid": False}

    async def _key(self, client: Client, receive: Receive) -> str:
        request = decode(await self._body(client, receive, _SMALL), self._requests)
        self._nodes.check(request.node_key, self._pools.clock())
        return request.node_key

    async def _body(self, client: Client, receive: Receive, limit: int) -> bytes:
        body = await read_body(receive, client.headers, min(self._pools.settings.report_bytes, limit))
        encoding = client.headers.get("content-encoding", "")
        if len(body) <= _SMALL and not encoding:
            return body
        return await self._pools.reads.run(lambda: inflate(body, encoding, limit))

    def _read_log(self, body: bytes) -> tuple[LogMessage, list[ResultLine], list[StatusLine]]:
        """The message with its result lines, or the newest lines of the node's own log."""
        message = decode(body, self._logs)
        if message.log_type not in ("result", "snapshot", "status"):
            raise InputError("log_type is result, snapshot or status.")
        if message.log_type == "status":
            return message, [], [decode(bytes(line), self._statuses) for line in message.data[-_STATUS_LINES:]]
        return message, [decode(bytes(line), self._lines) for line in message.data], []

    def _valid(self, client: Client, found: object) -> dict[str, Any] | None:
        """The refusal where the key was not good; too many of them from one address are told to wait."""
        if found is not None:
            return None
        self._pools.note_refusal(client)
        return _INVALID
