"""composer/semver."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_stabilities() -> None:
    assert_ascending(
        "composer",
        ["1.0-dev", "1.0-alpha", "1.0-alpha1", "1.0-beta", "1.0-beta0", "1.0-beta2", "1.0-RC1-dev", "1.0-RC1", "1.0"],
    )
    assert_ascending("composer", ["1.0", "1.0-patch", "1.0-patch1", "1.0.0.1", "1.0.1"])


def test_spellings_of_one_version() -> None:
    assert_equal("composer", ["1.0", "v1.0.0", "1.0.0.0", "1", "1.0-stable", "1.0+build", "1.0@beta", " V1.0 "])
    assert_equal("composer", ["1.0-beta2", "1.0b2", "1.0_BETA2", "1.0.b.2", "1.0-beta.2"])
    assert_equal("composer", ["1.0p1", "1.0-pl1", "1.0-patch.1"])


def test_branches_of_a_line_are_above_it() -> None:
    assert_ascending("composer", ["1.2.99", "1.2.x-dev", "1.3-dev", "1.3", "1.x-dev", "2.0"])


def test_dates() -> None:
    assert_ascending("composer", ["20230102", "20240102"])
    assert_equal("composer", ["2024-01-02", "2024:01:02"])


def test_refused() -> None:
    assert_refused("composer", ["", "dev-main", "master", "1.0 as 2.0", "1.0-foo", "1.2.3.4.5", "é", "1.0\x00"])
