"""weakspot.inventory.packing."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weakspot.inventory import packing
from weakspot.inventory.contracts import Evidence
from weakspot.runtime.compression import decompress

ids = st.integers(min_value=0, max_value=2**32 - 1)
moments = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@given(st.dictionaries(ids, moments, max_size=400))
def test_what_is_packed_comes_back(times: dict[int, int]) -> None:
    order = sorted(times)
    packed = packing.pack(np.array(order, np.uint32), np.array([times[i] for i in order], np.int64))
    found_ids, found_times = packing.unpack(packed)
    assert found_ids.dtype == np.uint32
    assert found_times.dtype == np.int64
    assert found_ids.tolist() == order
    assert packing.times_of(found_ids, found_times) == times


@pytest.mark.parametrize("moment_count", [1, 255, 256, 257, 5000])
def test_few_and_many_distinct_times_come_back(moment_count: int) -> None:
    numbers = np.arange(5000, dtype=np.uint32)
    times = (np.arange(5000, dtype=np.int64) % moment_count) * 1_000_000
    found_ids, found_times = packing.unpack(packing.pack(numbers, times))
    assert np.array_equal(found_ids, numbers)
    assert np.array_equal(found_times, times)


def test_nothing_installed_is_packed_too() -> None:
    found_ids, found_times = packing.unpack(packing.pack(*packing.empty()))
    assert (len(found_ids), len(found_times)) == (0, 0)


def test_a_typical_device_takes_few_bytes_an_installation() -> None:
    """150 installations of a fleet with 60,000 software versions (design: packed rows are what makes a fleet small)."""
    numbers = np.sort(np.random.default_rng(7).choice(60_000, 150, replace=False)).astype(np.uint32)
    packed = packing.pack(numbers, np.full(150, 1_790_000_000_000_000, np.int64))
    assert len(packed) < 3 * 150


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 9"):
        packing.unpack(struct.pack("<BI", 9, 0) + zlib.compress(b""))


@settings(max_examples=25)
@given(
    st.dictionaries(
        ids,
        st.builds(
            Evidence,
            st.lists(st.text(max_size=30), max_size=20).map(tuple),
            st.one_of(st.none(), st.just("2026-01-01T00:00:00Z")),
        ),
        max_size=30,
    )
)
def test_evidence_comes_back(evidence: dict[int, Evidence]) -> None:
    assert packing.decode_evidence(decompress(packing.pack_evidence(evidence))) == evidence
