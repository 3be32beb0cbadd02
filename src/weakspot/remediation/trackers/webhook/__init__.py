"""A generic webhook: signed JSON out, signed JSON back.

Out: ``POST`` of ``{"action", "key", "id", "text", "ticket"}`` with ``X-Weakspot-Signature: sha256=...`` (HMAC-SHA256 of
the body) and ``Idempotency-Key``. The answer may be ``{"id", "url", "state", "note"}``. Back: the same signature over
``{"key" or "id", "state", "note"}``, or a list of such.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, ClassVar, get_args

import msgspec

from weakspot.remediation.contracts import TicketState
from weakspot.remediation.trackers.base import Draft, Remote, Signal, TrackerBusy, TrackerRefused, verify_hmac
from weakspot.remediation.trackers.http import Http
from weakspot.runtime.outbound import Field

SIGNATURE = "x-weakspot-signature"
MAX_SIGNALS = 1_000


class _Told(msgspec.Struct, frozen=True):
    """What the other side says about a ticket."""

    key: str | None = None
    id: str | int | None = None
    url: str = ""
    state: TicketState | None = None
    note: str = ""


class Webhook:
    """One address."""

    kind: ClassVar[str] = "webhook"
    is_readable: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="url", description="Address to post to"),
        Field(name="webhook_secret", description="Secret of the signatures, both ways", is_secret=True),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._http = Http(settings["url"])
        self._secret = secrets.get("webhook_secret", "")
        if not self._secret:
            raise TrackerRefused("A webhook needs a secret to sign with.")

    def find(self, key: str) -> Remote | None:
        """The other side knows by the idempotency key."""
        return None

    def create(self, draft: Draft) -> Remote:
        """Post the whole draft."""
        told = self._send("create", draft.key, draft.key, "", msgspec.to_builtins(draft))
        return Remote(id=str(told.id or draft.key), url=told.url, state=told.state or "Pending", note=told.note)

    def comment(self, remote_id: str, text: str) -> None:
        """Post a note."""
        self._send("comment", remote_id, f"{remote_id}:comment:{_digest(text)}", text)

    def close(self, remote_id: str, text: str) -> None:
        """Post that it is completed."""
        self._send("close", remote_id, f"{remote_id}:close:{_digest(text)}", text)

    def reopen(self, remote_id: str, text: str) -> None:
        """Post that it is open again."""
        self._send("reopen", remote_id, f"{remote_id}:reopen:{_digest(text)}", text)

    def read(self, remote_id: str) -> Remote:
        """A webhook cannot be asked."""
        raise TrackerRefused("A webhook reports back by itself; it cannot be asked.")

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """States and notes that come back."""
        verify_hmac(self._secret, body, headers.get(SIGNATURE, ""))
        try:
            told = msgspec.json.decode(body, type=_Told | list[_Told], strict=True)
        except msgspec.MsgspecError as error:
            raise TrackerRefused(f"The callback is not understood: {error}.") from None
        some = told if isinstance(told, list) else [told]
        return [
            Signal(remote_id=None if one.id is None else str(one.id), key=one.key, state=one.state, note=one.note)
            for one in some[:MAX_SIGNALS]
            if one.state in get_args(TicketState)
        ]

    def _send(self, action: str, remote_id: str, once: str, text: str, ticket: Any = None) -> _Told:
        body = msgspec.json.encode({"action": action, "id": remote_id, "text": text, "ticket": ticket})
        signature = "sha256=" + hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {SIGNATURE: signature, "idempotency-key": once, "content-type": "application/json"}
        answer = self._http.request("POST", "", content=body, headers=headers)
        try:
            return msgspec.json.decode(answer.content, type=_Told) if answer.content else _Told()
        except msgspec.MsgspecError:
            raise TrackerBusy("The webhook's answer is not understood.") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
