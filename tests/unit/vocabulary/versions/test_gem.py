"""Gem::Version."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending(
        "gem", ["1.0.a", "1.0.a.2", "1.0.b1", "1.0.pre", "1.0.rc1", "1.0", "1.0.1", "1.1.a", "1.1", "1.10"]
    )


def test_zeros() -> None:
    assert_equal("gem", ["1", "1.0", "1.0.0", "1.00"])
    assert_equal("gem", ["1.a", "1.0.a", "1.0.0.a.0"])
    assert_ascending("gem", ["1.a.0.b", "1.a", "1.a.0.0.1", "1.a.0.1", "1.a.1"])


def test_a_hyphen_is_a_pre_release() -> None:
    assert_equal("gem", ["1.0-1", "1.0.pre.1"])
    assert_ascending("gem", ["1.0-java", "1.0"])


def test_refused() -> None:
    assert_refused("gem", ["", " ", "a", "1.", ".1", "1..0", "1_0", "1.0-", "1.0 b", "1.0\x00", "1é"])
