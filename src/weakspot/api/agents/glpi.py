"""GLPI and FusionInventory agents: one address, XML or JSON, zlib, gzip or neither.

They authenticate with HTTP basic authentication: any user name, and the enrolment token as the password, which goes on
being this agent's own password afterwards.
"""

from __future__ import annotations

import base64
import binascii
from typing import Protocol

from weakspot.api.agents.common import Client, Pools
from weakspot.api.inflation import inflate_stream
from weakspot.api.problems import Answer
from weakspot.api.problems import headers_of as error_headers
from weakspot.api.wire import Receive, read_body
from weakspot.inventory.protocols.glpi import messages
from weakspot.inventory.protocols.glpi.messages import Message
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import AccessError, InputError, MethodNotAllowed, RateLimited, TooLarge, WeakspotError

PATHS = frozenset(
    {
        "/api/agents/glpi", "/front/inventory.php", "/plugins/fusioninventory", "/plugins/glpiinventory",
        "/marketplace/glpiinventory", "/ocsinventory",
    }
)  # fmt: skip
"""Ours, and those that agents are configured with for the servers they came from; a slash at the end makes no odds."""
HOURS = 24
_SMALL = 64 * 1024
_GZIP, _ZLIB = b"\x1f\x8b", b"\x78"
# Nothing after the realm: FusionInventory takes all up to the last quotation mark for it.
_CHALLENGE = {"www-authenticate": 'Basic realm="weakspot"'}


class GlpiPort(Protocol):
    """What the calls do; blocking."""

    def may_enrol(self, external_id: str, key: str, now: Micros) -> bool:
        """Whether an agent is listened to. Raises AccessError."""

    def record(self, message: Message, key: str, now: Micros) -> None:
        """Record an inventory. Raises AccessError, DeviceKnown, InputError."""


class GlpiApp:
    """Answers one address."""

    def __init__(self, port: GlpiPort, pools: Pools) -> None:
        self._port = port
        self._pools = pools

    async def answer(self, client: Client, receive: Receive) -> Answer:
        """One request; errors are told in the agent's own form."""
        if client.method == "GET" and "action=getConfig" in client.query:
            # FusionInventory asks for each further task that it has; there is none to do.
            return Answer(200, {"content-type": "application/json"}, b"{}")
        if client.method != "POST":
            raise MethodNotAllowed("Agents send POST.", allow="GET, POST")
        is_json = "json" in client.headers.get("content-type", "")
        try:
            return await self._post(client, receive)
        except WeakspotError as error:
            if error.status >= 500 and error.status != 503:
                raise
            told = _limited(self._pools, client, error)
        headers = dict(_CHALLENGE) if told.status == 401 else error_headers(told)
        kind = "application/json" if is_json else "application/xml"
        return Answer(told.status, headers | {"content-type": kind}, messages.refused(told.detail, is_json=is_json))

    async def _post(self, client: Client, receive: Receive) -> Answer:
        key = _password(client.headers.get("authorization", ""))
        body = await read_body(receive, client.headers, self._pools.settings.report_bytes)
        message = await self._pools.reads.run(lambda: self._message(body))
        now = self._pools.clock()
        await self._pools.reads.run(lambda: self._deal(message, key, now))
        reply = messages.hello if message.kind == "hello" else messages.accepted
        kind = "application/json" if message.is_json else "application/xml"
        return Answer(200, {"content-type": kind}, reply(is_json=message.is_json, hours=HOURS))

    def _deal(self, message: Message, key: str, now: Micros) -> None:
        if message.kind == "inventory":
            self._port.record(message, key, now)
        elif not self._port.may_enrol(message.external_id, key, now):
            raise AccessError("The password is no enrolment token that is good now, and no secret of a known agent.")

    def _message(self, body: bytes) -> Message:
        limit = self._pools.settings.report_inflated_bytes
        if body[:2] == _GZIP:
            body = inflate_stream(body, 31, limit)
        elif body[:1] == _ZLIB:
            body = inflate_stream(body, 15, limit)
        if body[:2] == _GZIP:
            raise InputError("The body is compressed more than once; compress it once.")
        if len(body) > limit:
            raise TooLarge(f"The body is over {limit:,} bytes; send less at once.")
        return messages.message_of(body)


def _limited(pools: Pools, client: Client, error: WeakspotError) -> WeakspotError:
    """The error itself, or that this address has had too many of its kind.

    Agents send every message once without their password, which is no attempt.
    """
    if error.status != 401 or "authorization" not in client.headers:
        return error
    try:
        pools.note_refusal(client)
    except RateLimited as limited:
        return limited
    return error


def _password(header: str) -> str:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() == "basic" and len(encoded) <= 1024:
        try:
            _, _, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            password = ""
        if 16 <= len(password) <= 200:
            return password
    raise AccessError("Give the agent an enrolment token as its password (user: anything).")
