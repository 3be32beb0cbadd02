"""The sensors' three calls, as a plain ASGI application beside the framework (docs/sensor.md has the wire
format).

The report path is the busiest of the product, so it has its own bounds on method, type, size, inflation and
depth, decodes straight into the inventory's structs and waits for the commit without holding a thread.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

import msgspec

from weakspot.api.inflation import inflate
from weakspot.api.landing import Landing
from weakspot.api.problems import Answer
from weakspot.api.rate import RateLimiter
from weakspot.api.reads import Threads
from weakspot.api.wire import Receive, Scope, Send, check_json, decode, headers_of, json_answer, read_body, send_answer
from weakspot.inventory.contracts import (
    EnrolAnswer,
    EnrolRequest,
    Heartbeat,
    HeartbeatAnswer,
    Report,
    ReportAnswer,
)
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.errors import (
    AccessError,
    DeviceKnown,
    InputError,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    UnsupportedEncoding,
    WeakspotError,
)
from weakspot.runtime.settings import Settings

PREFIX = "/api/sensor/v1/"
_SMALL_BODY = 64 * 1024
_MAXIMUM_KEY = 200
REPORTS_A_MINUTE = 300
"""Of one key: a sensor that catches up after days offline stays far below."""
_SUSPICIOUS = (InputError, AccessError, DeviceKnown, RateLimited)
_HONEST = (UnsupportedEncoding, MethodNotAllowed)


class SensorPort(Protocol):
    """What the calls do; the composition root binds it to ``workflows``."""

    def enrol(self, request: EnrolRequest, old_key: str | None, now: Micros) -> Future[EnrolAnswer]:
        """Exchange an enrolment token for a device key."""

    def record_report(self, device_key: str, report: Report, now: Micros) -> Future[ReportAnswer]:
        """Record a report; done after the commit."""

    def record_heartbeat(self, device_key: str, heartbeat: Heartbeat, now: Micros) -> HeartbeatAnswer:
        """Note a contact; blocking."""

    def refused(self, device_key: str | None, error: WeakspotError, report: Report | None, now: Micros) -> None:
        """Note that a request was refused; blocking."""


class SensorApp:
    """Dispatches ``POST /api/sensor/v1/{enrol,reports,heartbeat}``."""

    def __init__(self, port: SensorPort, reads: Threads, settings: Settings, clock: Clock) -> None:
        self._port = port
        self._reads = reads
        self._landing = Landing()
        self._settings = settings
        self._clock = clock
        self._reports = RateLimiter(REPORTS_A_MINUTE, 60)
        self._report_decoder = msgspec.json.Decoder(Report)
        self._enrol_decoder = msgspec.json.Decoder(EnrolRequest)
        self._heartbeat_decoder = msgspec.json.Decoder(Heartbeat)
        self._routes = {"enrol": self._enrol, "reports": self._report, "heartbeat": self._heartbeat}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; errors go up to the edge."""
        route = self._routes.get(scope["path"].removeprefix(PREFIX))
        if route is None:
            raise NotFound("Sensors call enrol, reports and heartbeat under /api/sensor/v1/.")
        if scope["method"] != "POST":
            raise MethodNotAllowed("Sensors send POST.", allow="POST")
        headers = headers_of(scope)
        check_json(headers)
        await send_answer(send, await route(headers, receive))

    async def _enrol(self, headers: dict[str, str], receive: Receive) -> Answer:
        body = await self._body(headers, receive, self._settings.body_bytes)
        request = decode(body, self._enrol_decoder)
        answered = await self._landing.wait(self._port.enrol(request, _key(headers, required=False), self._clock()))
        return json_answer(answered, 202 if answered.approval == "pending" else 200)

    async def _report(self, headers: dict[str, str], receive: Receive) -> Answer:
        key = _key(headers, required=True)
        assert key is not None
        now, report = self._clock(), None
        try:
            self._reports.check(key, now)
            body = await self._body(headers, receive, self._settings.report_inflated_bytes)
            report = decode(body, self._report_decoder)
            return json_answer(await self._landing.wait(self._port.record_report(key, report, now)))
        except _SUSPICIOUS as error:
            if not isinstance(error, _HONEST):
                told, about = error, report
                await self._reads.run(lambda: self._port.refused(key, told, about, now))
            raise

    async def _heartbeat(self, headers: dict[str, str], receive: Receive) -> Answer:
        key = _key(headers, required=True)
        assert key is not None
        heartbeat = decode(await self._body(headers, receive, _SMALL_BODY), self._heartbeat_decoder)
        now = self._clock()
        return json_answer(await self._reads.run(lambda: self._port.record_heartbeat(key, heartbeat, now)))

    async def _body(self, headers: dict[str, str], receive: Receive, inflated_limit: int) -> bytes:
        body = await read_body(receive, headers, min(self._settings.report_bytes, inflated_limit))
        encoding = headers.get("content-encoding", "")
        if len(body) <= _SMALL_BODY and not encoding:
            return body
        # Inflating releases the interpreter, so a large report does not hold up the others.
        return await self._reads.run(lambda: inflate(body, encoding, inflated_limit))


def _key(headers: dict[str, str], *, required: bool) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() == "bearer" and 0 < len(key) <= _MAXIMUM_KEY:
        return key
    if required:
        raise AccessError("Send the device key as 'Authorization: Bearer <key>'; a sensor gets it by enrolling.")
    return None
