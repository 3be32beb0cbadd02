"""Inflating within bounds."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.api.inflation import inflate
from weakspot.runtime.errors import InputError, TooLarge, UnsupportedEncoding

LIMIT = 4 << 20


def squeezed(data: bytes) -> bytes:
    """Without a time inside, so that test names are the same every time."""
    return gzip.compress(data, mtime=0)


@given(st.binary(max_size=5_000))
def test_what_was_compressed_comes_back(data: bytes) -> None:
    assert inflate(gzip.compress(data), "gzip", LIMIT) == data
    assert inflate(data, "", LIMIT) == data


def test_large_bodies_come_back_whole() -> None:
    data = bytes(range(256)) * 12_000
    assert inflate(gzip.compress(data, 1), " GZIP ", LIMIT) == data


@pytest.mark.parametrize(
    ("body", "encoding", "error"),
    [
        (b"", "br", UnsupportedEncoding),
        (b"", "gzip, gzip", UnsupportedEncoding),
        (zlib.compress(b"x"), "gzip", InputError),
        (b"not gzip", "gzip", InputError),
        (b"", "gzip", InputError),
        (squeezed(b"x" * 1000)[:-6], "gzip", InputError),
        (squeezed(b"x") + squeezed(b"y"), "gzip", InputError),
        (squeezed(b"\0" * (LIMIT + 1)), "gzip", TooLarge),
        (squeezed(b"\0" * (LIMIT - 1)), "gzip", TooLarge),
        (b"x" * (LIMIT + 1), "identity", TooLarge),
    ],
)
def test_what_is_refused(body: bytes, encoding: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        inflate(body, encoding, LIMIT)
