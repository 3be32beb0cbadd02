"""A foreign file, looked at once: inflated within bounds, decoded, and parsed as JSON or XML where it is that."""

from __future__ import annotations

import functools
import json
import zlib
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from weakspot.runtime.errors import InputError, TooLarge

MAX_BYTES = 256 * 1024 * 1024
"""Of one file, unpacked."""
MAX_DEPTH = 200
MAX_ELEMENTS = 5_000_000
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 16


class Document:
    """The bytes of a file with its name, and views of them that are made when they are first asked for."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.data = inflate(data, name)

    @functools.cached_property
    def text(self) -> str:
        """As text: the byte order mark decides, else UTF-8, else a code page that knows every byte."""
        return decode(self.data)

    @functools.cached_property
    def json(self) -> Any:
        """As JSON; None when it is none, or nested too deep."""
        if self.text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return msgspec.json.decode(self.text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return _lenient(self.text)

    @functools.cached_property
    def xml(self) -> Element | None:
        """As XML, tags without their namespaces; None when it is none. Document types are refused."""
        if not self.text.lstrip("\ufeff \t\r\n").startswith("<"):
            return None
        try:
            return _parse_xml(self.data)
        except (ParseError, DefusedXmlException, ValueError, RecursionError):
            return None

    @functools.cached_property
    def lines(self) -> list[str]:
        """Lines without their ends."""
        return self.text.splitlines()


def inflate(data: bytes, name: str) -> bytes:
    """Gzip is taken off. Raises TooLarge over 256 MiB, InputError when it is damaged."""
    if data[:2] != _GZIP:
        if len(data) > MAX_BYTES:
            raise TooLarge(f"{name} has more than {MAX_BYTES >> 20} MiB; split it.")
        return data
    engine = zlib.decompressobj(31)
    try:
        out = engine.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise InputError(f"{name} is a damaged gzip file ({error}).") from error
    if len(out) > MAX_BYTES:
        raise TooLarge(f"{name} unpacks to more than {MAX_BYTES >> 20} MiB; split it.")
    if not engine.eof:
        raise InputError(f"{name} is a gzip file that was cut off.")
    return out


def decode(data: bytes) -> str:
    """Text of any of the encodings that inventory tools write."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lenient(text: str) -> Any:
    """JSON with what the strict parser refuses but tools write: lone surrogates, NaN."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Bounded:
    """Builds elements, with namespaces taken off the tags, up to a depth and a number."""

    def __init__(self) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self._builder = TreeBuilder()
        self._depth = self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise ValueError("nested too deep or too many elements")
        return self._builder.start(_local(tag), {_local(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return self._builder.end(_local(tag))

    def data(self, text: str) -> None:
        self._builder.data(text)

    def close(self) -> Element:
        return self._builder.close()


def _parse_xml(data: bytes) -> Element:
    parser = XMLParser(target=_Bounded(), forbid_dtd=True)
    parser.feed(data)
    root = parser.close()
    assert isinstance(root, Element)
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
