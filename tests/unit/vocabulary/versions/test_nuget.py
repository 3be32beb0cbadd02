"""NuGet.Versioning."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending(
        "nuget", ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-beta", "1.0.0", "1.0.0.1", "1.0.1"]
    )
    assert_ascending("nuget", ["1.0.0-beta", "1.0.0-beta.1", "1.0.0-beta.a", "1.0.0-beta-1"])


def test_equal() -> None:
    assert_equal("nuget", ["1.0", "1", "1.0.0", "1.0.0.0", "1.00", "1.0.0+build", "v1.0", " 1.0 "])
    assert_equal("nuget", ["1.0.0-RC1", "1.0.0-rc1"])


def test_labels_above_32_bits_are_text() -> None:
    assert_ascending("nuget", ["1.0.0-2147483647", "1.0.0-10000000000", "1.0.0-9999999999"])


def test_refused() -> None:
    assert_refused("nuget", ["", "1.0.0.0.0", "1.0.0-", "1.0.0-a..b", "1.0.0-é", "a", "1..0", "-1.0"])
