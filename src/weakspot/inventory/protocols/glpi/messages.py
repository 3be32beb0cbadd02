"""The HTTP protocols of GLPI and FusionInventory agents: what a message asks for, and how it is answered.

XML (FusionInventory, OCS): ``REQUEST`` with ``QUERY`` PROLOG, answered with how often to come, then INVENTORY.
JSON (GLPI agents): ``action`` contact, answered with the tasks to run, then inventory. A query that is not known is
answered kindly and changes nothing, as both servers do.
"""

from __future__ import annotations

from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

from weakspot.inventory.protocols.base import as_text, printable
from weakspot.inventory.protocols.documents import Document
from weakspot.runtime.errors import InputError

Kind = Literal["hello", "inventory", "other"]
_NAME = "agent"
_MAX_ID = 256


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of an agent. ``has_software``: its inventory lists software; a partial one may not."""

    kind: Kind
    external_id: str
    is_json: bool
    has_software: bool
    document: Document


def message_of(body: bytes) -> Message:
    """What the body says. Raises InputError when it is neither of the two forms or names no agent."""
    document = Document(body, _NAME)
    if isinstance(document.json, dict):
        return _of_json(document.json, document)
    root = document.xml
    if root is None or root.tag != "REQUEST":
        raise InputError("The body is no message of a GLPI or FusionInventory agent; send its XML or JSON.")
    query = (root.findtext("QUERY") or "").strip().upper()
    kind: Kind = {"PROLOG": "hello", "INVENTORY": "inventory"}.get(query, "other")  # type: ignore[assignment]
    content = root.find("CONTENT")
    has_software = content is not None and content.find("SOFTWARES") is not None
    return Message(
        kind=kind, external_id=_external_id(root.findtext("DEVICEID")), is_json=False,
        has_software=has_software, document=document,
    )  # fmt: skip


def hello(*, is_json: bool, hours: int) -> bytes:
    """ "Send an inventory, and come again in so many hours"."""
    if is_json:
        tasks = {"inventory": {"server": "weakspot", "version": "1"}}
        return msgspec.json.encode({"status": "ok", "message": "welcome", "tasks": tasks, "expiration": hours})
    return _xml(f"<PROLOG_FREQ>{hours}</PROLOG_FREQ><RESPONSE>SEND</RESPONSE>")


def accepted(*, is_json: bool, hours: int) -> bytes:
    """The message was dealt with."""
    if is_json:
        return msgspec.json.encode({"status": "ok", "expiration": hours})
    return _xml(f"<PROLOG_FREQ>{hours}</PROLOG_FREQ>")


def refused(text: str, *, is_json: bool) -> bytes:
    """The message was refused, and why."""
    if is_json:
        return msgspec.json.encode({"status": "error", "message": text})
    return _xml(f"<ERROR>{escape(printable(text))}</ERROR>")


def _of_json(data: dict[str, Any], document: Document) -> Message:
    action = as_text(data.get("action")).lower()
    content = data.get("content")
    kind: Kind = "hello" if action == "contact" else "other"
    if action == "inventory" or (not action and isinstance(content, dict)):
        kind = "inventory"
    if kind == "inventory" and not isinstance(content, dict):
        raise InputError("The inventory has no content; send it as the agent makes it.")
    has_software = isinstance(content, dict) and isinstance(content.get("softwares"), list)
    return Message(
        kind=kind, external_id=_external_id(data.get("deviceid")), is_json=True, has_software=has_software,
        document=document,
    )  # fmt: skip


def _external_id(value: Any) -> str:
    text = printable(as_text(value))
    if not text or len(text) > _MAX_ID:
        raise InputError("The message names no agent (DEVICEID of 1 to 256 characters); configure the agent anew.")
    return text


def _xml(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<REPLY>{inner}</REPLY>\n'.encode()
