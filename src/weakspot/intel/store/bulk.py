"""Many rows at once: writing tuples, and reading by long lists of keys in bounded statements."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel.contracts import AdvisoryRecord
from weakspot.runtime.bulk import insert_rows
from weakspot.runtime.compression import compress, decompress

__all__ = [
    "CHUNK", "MAX_DOCUMENT_BYTES", "chunks", "digest_of", "insert_many", "pack_document", "select_in",
    "unpack_document",
]  # fmt: skip

T = TypeVar("T")

CHUNK = 500
"""Keys in one IN list: below every database's bound on parameters."""

MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AdvisoryRecord)


def insert_many(conn: Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert tuples in the order of ``columns``. Values must be what the driver takes.

    A NUL character in foreign text, which PostgreSQL refuses, becomes U+FFFD: one record must not stop its source.
    """
    insert_rows(conn, table, columns, [_without_nul(row) for row in rows])


def _without_nul(row: tuple[Any, ...]) -> tuple[Any, ...]:
    for value in row:
        if type(value) is str and "\x00" in value:
            return tuple(one.replace("\x00", "\ufffd") if type(one) is str else one for one in row)
    return row


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most ``size``, in order."""
    iterator = iter(items)
    while block := list(islice(iterator, size)):
        yield block


def select_in(conn: Connection, build: Callable[[Sequence[Any]], sa.Select[Any]], keys: Iterable[Any]) -> Iterator[Any]:
    """Rows of ``build(keys)`` for any number of keys, a bounded list at a time."""
    for block in chunks(keys):
        yield from conn.execute(build(block)).all()


def pack_document(record: AdvisoryRecord) -> bytes:
    """The record without its ranges, compressed."""
    return compress(_encoder.encode(msgspec.structs.replace(record, ranges=())))


def unpack_document(document: bytes) -> AdvisoryRecord:
    """Reverse of ``pack_document``."""
    return _decoder.decode(decompress(document))


def digest_of(record: msgspec.Struct) -> bytes:
    """16 bytes that tell one normalised record from another."""
    return hashlib.sha256(_encoder.encode(record)).digest()[:16]
