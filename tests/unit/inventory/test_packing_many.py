"""Many packed devices at once: the same as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.inventory import packing
from weakspot.inventory.packing_many import arrivals

device = st.dictionaries(st.integers(1, 2**32 - 1), st.integers(0, 50), max_size=8)


def packed(installed: dict[int, int]) -> bytes:
    ids = np.array(sorted(installed), np.uint32)
    return packing.pack(ids, np.array([installed[int(one)] for one in ids], np.int64))


@given(st.lists(device, max_size=6), st.integers(-1, 51))
def test_what_came_after_a_moment(devices: list[dict[int, int]], after: int) -> None:
    found = arrivals([packed(one) for one in devices], after)
    expected = {
        (place, version, since) for place, one in enumerate(devices) for version, since in one.items() if since > after
    }
    assert set(zip(*(column.tolist() for column in found), strict=True)) == expected
    assert len(found.place) == len(expected)


def test_a_device_with_many_moments() -> None:
    many = {version: version * 10 for version in range(1, 400)}
    found = arrivals([packed({7: 1}), packed(many), packed({9: 5_000})], 3_985)
    assert [column.tolist() for column in found] == [[1, 2], [399, 9], [3_990, 5_000]]


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="format 9"):
        arrivals([b"\x09" + packed({1: 1})[1:]], 0)
