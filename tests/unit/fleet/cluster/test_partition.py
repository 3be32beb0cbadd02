"""Every device is in one part, and the parts of a large fleet are alike in size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.fleet.cluster import Partition


@given(st.integers(0, 2**31), st.integers(1, 64), st.integers(1, 5000))
def test_a_device_is_in_exactly_one_part(device_id: int, count: int, block: int) -> None:
    assert sum(Partition(number, count, block).has(device_id) for number in range(count)) == 1


def test_parts_of_a_large_fleet_are_alike() -> None:
    sizes = [sum(Partition(number, 4).has(one) for one in range(0, 1_000_000, 64)) for number in range(4)]
    assert max(sizes) - min(sizes) <= 64


@given(st.integers(0, 300), st.integers(1, 5), st.integers(1, 40))
def test_the_ids_of_a_part_are_those_that_it_has(extent: int, count: int, block: int) -> None:
    for number in range(count):
        part = Partition(number, count, block)
        assert list(part.below(extent)) == [one for one in range(extent) if part.has(one)]
