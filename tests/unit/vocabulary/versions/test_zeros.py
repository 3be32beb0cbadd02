"""Sequences where a missing component is zero."""

from weakspot.vocabulary.versions.encoding import NUMBERS
from weakspot.vocabulary.versions.zeros import END, ZERO, zeros_before_number


def _key(*numbers: int) -> bytes:
    parts, zeros = b"", 0
    for value in numbers:
        if value == 0:
            zeros += 1
            continue
        parts += zeros_before_number(zeros) + NUMBERS[str(value)]
        zeros = 0
    return parts + END


def test_order_of_runs() -> None:
    ordered = [_key(1), _key(1, 0, 0, 5), _key(1, 0, 5), _key(1, 0, 6), _key(1, 5), _key(1, 5, 0, 1), _key(1, 5, 1)]
    assert ordered == sorted(set(ordered))
    assert _key(1) == _key(1, 0, 0)


def test_zero_is_the_smallest_number() -> None:
    assert NUMBERS["0"] == ZERO < NUMBERS["1"]
