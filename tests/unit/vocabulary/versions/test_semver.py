"""Semantic Versioning 2.0.0, section 11."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_the_examples_of_section_11() -> None:
    assert_ascending("semver", ["1.0.0", "2.0.0", "2.1.0", "2.1.1"])
    assert_ascending("semver", ["1.0.0-alpha", "1.0.0"])
    assert_ascending(
        "semver",
        [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0",
        ],
    )  # fmt: skip


def test_build_metadata_does_not_count() -> None:
    assert_equal("semver", ["1.0.0", "1.0.0+20130313144700", "1.0.0+exp.sha.5114f85"])


def test_identifiers() -> None:
    assert_ascending("semver", ["1.0.0-9", "1.0.0-10", "1.0.0--", "1.0.0-1a", "1.0.0-A", "1.0.0-a", "1.0.0-a-b"])
    assert_ascending("semver", ["1.0.0-" + "9" * 300, "1.0.0-1" + "0" * 300])


def test_what_advisories_write() -> None:
    assert_equal("semver", ["1.0.0", "v1.0.0", "1.0", "1", "01.0.0"])
    assert_ascending("semver", ["0", "0.0.1-0", "0.0.1"])


def test_refused() -> None:
    assert_refused(
        "semver", ["", "1.2.3.4", "1.2.3-", "1.2.3-a..b", "1.2.3+", "1.2.3-é", "a", "1.2.3 ", "1..2", "-1.2.3"]
    )
