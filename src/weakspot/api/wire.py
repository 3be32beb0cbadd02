"""The few things that the plain ASGI parts share: headers in, answers out, bodies within bounds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

import msgspec

from weakspot.api.problems import Answer
from weakspot.runtime.errors import InputError, InvalidField, TooLarge, UnsupportedEncoding

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

T = TypeVar("T")

SLASH_STAND_IN = "\ue02f"
"""Stands for a ``%2F`` inside one segment of an API path until the route has taken it (private use area)."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete; there is nobody to answer."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name; of repeated ones the first, cookies joined."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie" and name in found:
            found[name] += f"; {value}"
        else:
            found.setdefault(name, value)
    return found


async def read_body(receive: Receive, headers: dict[str, str], limit: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it is known to be over ``limit`` bytes."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 15 or int(declared) > limit):
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def limited(receive: Receive, limit: int) -> Receive:
    """``receive`` that raises TooLarge once more than ``limit`` bytes of body came through it."""
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        return message

    return receive_limited


def check_json(headers: dict[str, str]) -> None:
    """Raises UnsupportedEncoding unless the body says that it is JSON."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedEncoding("Send the body as application/json.", field="Content-Type")


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """A checked struct. Raises InvalidField naming the field, InputError when it is no JSON, TooLarge when
    too deep.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        text, field = _located(str(error))
        raise InvalidField(f"{text}; correct it and send it again.", field=field) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InputError(f"The body is not valid JSON ({str(error)[:120]}).") from None
    except RecursionError:
        raise TooLarge("The body is nested too deeply; flatten it.") from None


async def send_answer(send: Send, answer: Answer, *, is_head: bool = False) -> None:
    """Send a finished answer."""
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    if answer.status in (204, 304):
        del headers["content-length"]
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})


def json_answer(document: Any, status: int = 200) -> Answer:
    """A JSON answer that nobody keeps."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return Answer(status, headers, msgspec.json.encode(document))


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is over {limit:,} bytes; send less at once.")


def _located(message: str) -> tuple[str, str]:
    """``Expected `int`, got `str` - at `$.a.b``` -> text and ``a.b``; the whole document is ``body``."""
    text, _, path = message.rpartition(" - at `$")
    if not text:
        return message[:300], "body"
    return text[:300], path.rstrip("`").lstrip(".")[:200] or "body"
