"""Homebrew's Version and PkgVersion."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending("homebrew", ["1.2alpha1", "1.2b2", "1.2beta3", "1.2pre1", "1.2rc1", "1.2", "1.2.post1", "1.2p1"])
    assert_ascending("homebrew", ["1.0.2", "1.0.2a", "1.0.2b", "1.0.2.1", "1.0.10"])
    assert_ascending("homebrew", ["9.9", "HEAD"])


def test_revision() -> None:
    assert_ascending("homebrew", ["1.2", "1.2_1", "1.2_2", "1.2_10", "1.2.1"])
    assert_equal("homebrew", ["1.2", "1.2_0"])


def test_zeros() -> None:
    assert_equal("homebrew", ["1", "1.0", "1.0.0"])
    assert_equal("homebrew", ["1.0.0-rc1", "1-rc1", "1rc1"])
    assert_ascending("homebrew", ["1-rc1", "1.0", "1.0.0.1", "1.0.1"])


def test_head_is_one_version() -> None:
    assert_equal("homebrew", ["HEAD", "HEAD-1a2b3c"])


def test_refused() -> None:
    assert_refused("homebrew", ["", "-", "__", "1.0 2", "é1", "1\x00"])
