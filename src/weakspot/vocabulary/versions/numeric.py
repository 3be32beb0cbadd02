"""Plain sequences of numbers, where the longer of two otherwise equal ones is later: CRAN, Hackage."""

from collections.abc import Iterable

from weakspot.vocabulary.versions.encoding import NUMBERS

_END = b"\x01"


def sequence_key(numbers: Iterable[str]) -> bytes:
    """Key of numbers given as digits: compared one by one, `1.0` before `1.0.0`."""
    return b"".join(map(NUMBERS.__getitem__, numbers)) + _END
