"""weakspot.runtime.compression: what was stored is read again, by any thread, and damage is told."""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from weakspot.runtime.compression import MAX_BYTES, compress, compress_all, decompress, decompress_all


@given(st.binary(max_size=10_000))
def test_reading_gives_what_was_stored(document: bytes) -> None:
    assert decompress(compress(document)) == document


@given(st.lists(st.binary(max_size=1_000), max_size=12))
def test_many_at_once_are_as_one_by_one(documents: list[bytes]) -> None:
    stored = compress_all(documents)
    assert stored == [compress(document) for document in documents]
    assert decompress_all(stored) == documents


def test_many_at_once_may_be_of_different_ages_and_damage_is_told() -> None:
    documents = [bytes([number]) * 100 for number in range(8)]
    stored = [zlib.compress(one) if number % 2 else compress(one) for number, one in enumerate(documents)]
    assert decompress_all(stored) == documents
    broken = [compress(one) for one in documents]
    broken[5] = broken[5][:-3]
    with pytest.raises(ValueError, match="damaged"):
        decompress_all(broken)
    with pytest.raises(ValueError, match="does not tell its size"):
        decompress_all([zstandard.ZstdCompressor(write_content_size=False).compress(one) for one in documents])


def test_what_earlier_versions_stored_is_read() -> None:
    assert decompress(zlib.compress(b"a document of an earlier version")) == b"a document of an earlier version"


def test_threads_do_not_share_an_engine() -> None:
    documents = [bytes([number]) * 50_000 for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda one: decompress(compress(one)), documents)) == documents


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not compressed", id="plain"),
        pytest.param(compress(b"x" * 1000)[:-3], id="cut"),
        pytest.param(zlib.compress(b"x" * 1000)[:-3], id="cut-zlib"),
    ],
)
def test_damage_is_told(stored: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        decompress(stored)


def test_a_frame_that_claims_a_size_no_document_has_is_not_inflated() -> None:
    huge = b"\x28\xb5\x2f\xfd" + bytes([0b11100000]) + (MAX_BYTES + 1).to_bytes(8, "little")
    with pytest.raises(ValueError, match="no document has"):
        decompress(huge)
