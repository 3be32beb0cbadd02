"""pub_semver."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_build_metadata_counts() -> None:
    assert_ascending(
        "pub", ["1.0.0-dev", "1.0.0-dev+1", "1.0.0", "1.0.0+1", "1.0.0+1.1", "1.0.0+2", "1.0.0+10", "1.0.0+a"]
    )


def test_equal() -> None:
    assert_equal("pub", ["1.2.3", "01.2.03", "v1.2.3"])


def test_refused() -> None:
    assert_refused("pub", ["", "1.0.0.0", "1.0.0-", "1.0.0+", "1.0.0+a..b", "any"])
