"""ComparableVersion and the coarse key before it."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused
from weakspot.vocabulary.versions import Order, compare, exact, is_comparable, key
from weakspot.vocabulary.versions.maven import compare as maven_compare

_fragments = st.sampled_from(
    ["0", "1", "2", "10", "01", ".", "-", "alpha", "beta", "rc", "snapshot", "final", "sp", "x", "a", "ga", "_", "+"]
)
_versions = st.lists(_fragments, min_size=1, max_size=12).map("".join)


def test_qualifiers() -> None:
    assert_ascending(
        "maven", ["1-alpha-1", "1-beta-2", "1-milestone-1", "1-rc1", "1-SNAPSHOT", "1", "1-sp", "1-jre", "1-1", "1.1"]
    )
    assert_ascending("maven", ["2.0.RC2", "2.0.CR3", "2.0", "2.0.SP1", "2.0.1"])


def test_equal() -> None:
    assert_equal("maven", ["1", "1.0", "1.0.0", "1-ga", "1.0.Final", "1-0", "1.0-RELEASE"])
    assert_equal("maven", ["1-a1", "1-alpha-1"])
    assert_equal("maven", ["1rc1", "1-RC1", "1.cr1"])


def test_equal_keys_leave_the_decision_to_the_comparator() -> None:
    assert not exact("maven")
    assert key("maven", "1.0-rc1") == key("maven", "1.0")
    assert compare("maven", "1.0-rc1", "1.0") is Order.LESS


def test_the_circle_that_forbids_a_key() -> None:
    assert compare("maven", "1.sp.1", "1") is Order.GREATER
    assert compare("maven", "1", "1-rc") is Order.GREATER
    assert compare("maven", "1-rc", "1.sp.1") is Order.GREATER


@given(_versions, _versions)
def test_keys_that_differ_decide_as_the_comparator_does(a: str, b: str) -> None:
    left, right = key("maven", a), key("maven", b)
    if is_comparable(left) and is_comparable(right) and left != right:
        assert (maven_compare(a, b) < 0) == (left < right)


@given(_versions, _versions)
def test_comparator_is_antisymmetric(a: str, b: str) -> None:
    assert maven_compare(a, b) == -maven_compare(b, a)


def test_deep_nesting_is_only_length() -> None:
    assert compare("maven", "1-" * 250 + "1", "1-" * 250 + "2") is Order.LESS
    assert compare("maven", "-" * 500, "-" * 501) is Order.EQUAL


def test_refused() -> None:
    assert_refused("maven", ["", "${revision}", "[1.0,2.0)", "1.*", "1.0 final", "1.0\x00", "1é", "1" * 513])
