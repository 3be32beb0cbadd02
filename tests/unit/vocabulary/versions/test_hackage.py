"""The Haskell PVP."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_refused


def test_order() -> None:
    assert_ascending("hackage", ["0", "1", "1.0", "1.0.0", "1.1", "1.10", "2"])


def test_refused() -> None:
    assert_refused("hackage", ["", "1.", "1-0", "1.0-rc1", "a"])
