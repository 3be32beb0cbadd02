"""What the tests of the schemes share."""

from collections.abc import Iterable
from itertools import pairwise

from weakspot.vocabulary.versions import Order, compare, is_comparable, key


def assert_ascending(scheme: str, versions: Iterable[str]) -> None:
    """Each version sorts before the next, by verdict in both directions."""
    for a, b in pairwise(versions):
        assert (a, compare(scheme, a, b), b) == (a, Order.LESS, b)
        assert (b, compare(scheme, b, a), a) == (b, Order.GREATER, a)


def assert_equal(scheme: str, versions: Iterable[str]) -> None:
    """All are one version: same verdict and same key."""
    first, *others = versions
    for other in others:
        assert (first, compare(scheme, first, other), other) == (first, Order.EQUAL, other)
        assert key(scheme, first) == key(scheme, other)


def assert_refused(scheme: str, versions: Iterable[str]) -> None:
    """None of them is comparable, not even with itself."""
    for version in versions:
        assert not is_comparable(key(scheme, version)), version
        assert compare(scheme, version, version) is Order.UNKNOWN
