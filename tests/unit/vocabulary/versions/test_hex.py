"""Elixir's Version."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending(
        "hex", ["1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-rc1", "1.0.0", "2.0.1-alpha1"]
    )


def test_equal() -> None:
    assert_equal("hex", ["2.0.1", "2.0.1+build0", "v2.0.1"])
    assert_equal("hex", ["2.1", "2.1.0"])


def test_refused() -> None:
    assert_refused("hex", ["", "1", "1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-a..b", "1.0.0 "])
