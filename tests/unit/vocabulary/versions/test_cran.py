"""R's package_version."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_order() -> None:
    assert_ascending("cran", ["1.0", "1.0.0", "1.0-1", "1.1", "1.10"])
    assert_equal("cran", ["1.0-1", "1.0.1", "1-0-1", "1.00.01"])


def test_refused() -> None:
    assert_refused("cran", ["", "1.", "1..0", "1.0a", "a", "-1", "1.0 "])
