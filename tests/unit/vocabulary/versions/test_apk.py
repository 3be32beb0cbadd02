"""apk-package(5) and the grammar of apk-tools 3."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_suffixes() -> None:
    assert_ascending(
        "apk",
        ["1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre", "1.0_rc", "1.0_rc1", "1.0", "1.0_cvs", "1.0_svn"],
    )
    assert_ascending("apk", ["1.0", "1.0_git", "1.0_hg", "1.0_p", "1.0_p0", "1.0_p1", "1.0_p10", "1.0a", "1.0.1"])
    assert_ascending("apk", ["1.0_alpha_pre2", "1.0_alpha", "1.0_alpha1", "1.0_alpha_p1"])


def test_revision_and_hash() -> None:
    assert_ascending("apk", ["1.0", "1.0-r0", "1.0-r1", "1.0-r10", "1.0~0a", "1.0~0a-r1", "1.0~0b", "1.0_p1"])
    assert_equal("apk", ["1.0-r1", "1.0-r01"])


def test_leading_zeros_compare_as_text_after_the_first_number() -> None:
    assert_ascending("apk", ["1.0", "1.00", "1.01", "1.010", "1.02", "1.1", "1.2", "1.10"])
    assert_equal("apk", ["1.2", "01.2"])


def test_digits_after_the_letter_as_in_version_2() -> None:
    assert_ascending("apk", ["1.9.5", "1.9.5p", "1.9.5p1", "1.9.5p2-r0", "1.9.5p10", "1.9.5q", "1.9.6"])
    assert_ascending("apk", ["1.0a1", "1.0a1.1", "1.0a1b"][:2])


def test_refused() -> None:
    assert_refused("apk", ["", "a", "1.0bc", "1.0-1", "1.0_foo", "1.", ".1", "1.0-r", "1.0_", "1.0~", "1.0~xyz"])
    assert_refused("apk", ["1.0-r1_p1", "1.0-r1-r2", "1.0 ", "1.0A", "1.0\u0661", "1." * 300 + "1"])
