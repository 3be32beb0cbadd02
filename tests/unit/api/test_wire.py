"""Bodies and JSON within bounds."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import pytest

from weakspot.api.wire import ClientGone, Message, check_json, decode, headers_of, read_body
from weakspot.runtime.errors import InputError, InvalidField, TooLarge, UnsupportedEncoding


class Document(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(max_length=5)]
    parts: list[int] = []


DECODER = msgspec.json.Decoder(Document)


def body(*parts: bytes, limit: int = 10, headers: dict[str, str] | None = None) -> bytes:
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return messages.pop(0)

    return asyncio.run(read_body(receive, headers or {}, limit))


def test_a_body_is_read_whole_up_to_its_limit() -> None:
    assert body(b"12345", b"67890") == b"1234567890"
    with pytest.raises(TooLarge):
        body(b"12345", b"678901")


@pytest.mark.parametrize("length", ["11", "9" * 100])
def test_a_declared_length_is_enough_to_refuse(length: str) -> None:
    with pytest.raises(TooLarge):
        body(headers={"content-length": length})


def test_a_client_that_goes_away_is_nobody_to_answer() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        asyncio.run(read_body(receive, {}, 10))


def test_a_wrong_field_is_named() -> None:
    with pytest.raises(InvalidField) as refused:
        decode(b'{"name": "abc", "parts": [1, "x"]}', DECODER)
    assert refused.value.field == "parts[1]"
    with pytest.raises(InvalidField) as refused:
        decode(b"[]", DECODER)
    assert refused.value.field == "body"


@pytest.mark.parametrize("text", [b"", b"{", b"{'name': 1}", b'{"name": "\xff"}', b'{"name": "\\ud800"}'])
def test_what_is_no_json_is_bad_input(text: bytes) -> None:
    with pytest.raises(InputError):
        decode(text, DECODER)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises((TooLarge, InputError)):
        decode(b'{"name": "a", "extra": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", DECODER)


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_only_json_is_json(media_type: str) -> None:
    with pytest.raises(UnsupportedEncoding):
        check_json({"content-type": media_type})
    check_json({"content-type": "Application/JSON; charset=utf-8"})


def test_repeated_headers() -> None:
    scope = {"headers": [(b"Cookie", b"a=1"), (b"cookie", b"b=2"), (b"Host", b"one"), (b"host", b"two")]}
    assert headers_of(scope) == {"cookie": "a=1; b=2", "host": "one"}
