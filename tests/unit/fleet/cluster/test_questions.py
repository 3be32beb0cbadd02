"""Joins give what one index would say, in whatever order the parts come."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weakspot.fleet.cluster import questions

counts = st.dictionaries(st.integers(0, 30), st.integers(1, 9), max_size=12)


def columns(numbers: dict[int, int]) -> questions.Columns:
    ids = sorted(numbers)
    return np.array(ids, np.int64), np.array([numbers[one] for one in ids], np.int64)


@given(st.lists(counts, min_size=1, max_size=4), st.randoms())
def test_counts_add_up(parts: list[dict[int, int]], random: object) -> None:
    random.shuffle(parts)  # type: ignore[attr-defined]
    expected: dict[int, int] = {}
    for part in parts:
        for one, number in part.items():
            expected[one] = expected.get(one, 0) + number
    ids, added = questions.added([columns(part) for part in parts])
    assert dict(zip(ids.tolist(), added.tolist(), strict=True)) == expected
    assert ids.tolist() == sorted(expected)


@given(counts, st.integers(1, 4), st.integers(0, 6))
def test_the_first_of_the_parts_first_are_the_first_of_all(numbers: dict[int, int], parts: int, limit: int) -> None:
    split = [{one: number for one, number in numbers.items() if one % parts == part} for part in range(parts)]
    found = questions.first([questions.first([columns(part)], limit) for part in split], limit)
    expected = sorted(numbers, key=lambda one: (-numbers[one], one))[:limit]
    assert found[0].tolist() == expected
