"""SemVer as crates.io enforces it."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending("cargo", ["0.0.0-0", "0.0.0", "0.9.9", "1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-rc", "1.0.0"])


def test_build_metadata_does_not_count() -> None:
    assert_equal("cargo", ["300.0.1+3.0.1", "300.0.1", "300.0.1+3.0.2"])


def test_refused() -> None:
    assert_refused("cargo", ["", "01.0.0", "1.0.0-01", "1.0.0.0", "1.0.0-", "1.0.0-a_b", "=1.0.0", "1.0.0\n"])
    assert_ascending("cargo", ["1.0.0-0", "1.0.0-01a"])
