"""node-semver in loose mode."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending(
        "npm", ["1.2.3-alpha", "1.2.3-alpha.1", "1.2.3-beta.2", "1.2.3-beta.11", "1.2.3", "1.2.4-0", "1.10.0"]
    )


def test_spellings_of_one_version() -> None:
    assert_equal("npm", ["1.2.3", "v1.2.3", "=1.2.3", "= v1.2.3", " 1.2.3 ", "1.2.3+build", "01.2.3"])
    assert_equal("npm", ["1.2.3-beta", "1.2.3beta"])
    assert_equal("npm", ["1.2", "1.2.0"])


def test_refused() -> None:
    assert_refused(
        "npm", ["", "1.2.3.4", "latest", "*", "1.x", "^1.2.3", "1.2.3-", "1.2.3-a..b", "1.2.3\u2007", "1" * 513]
    )
