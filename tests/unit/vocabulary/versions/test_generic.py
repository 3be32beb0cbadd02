"""The rules chosen for software without a scheme."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_numbers() -> None:
    assert_ascending("generic", ["126.0.6478.126", "126.0.6478.127", "126.0.6478.1000", "127.0"])
    assert_ascending("generic", ["2021.001.20155", "2021.001.20160", "2021.005.20048", "21.005.20048"][:3])
    assert_ascending("generic", ["11.0.23+8", "11.0.23+9", "11.0.23+10", "11.0.24"])
    assert_equal("generic", ["1.0", "1", "1.0.0", "v1.0", "Version 1.0", "1, 0, 0, 0", "1-0", "01.00"])


def test_zeros_inside() -> None:
    assert_ascending("generic", ["1", "1.0.0.1", "1.0.1", "1.1"])


def test_words_before_the_release() -> None:
    assert_ascending("generic", ["7.00 dev", "7.00 alpha", "7.00 beta", "7.00 beta 2", "7.00 RC1", "7.00", "7.01"])
    assert_ascending("generic", ["3.0a1", "3.0a2", "3.0b1", "3.0b10", "3.0m1", "3.0-preview", "3.0rc1", "3.0"])
    assert_equal("generic", ["1.0-rc1", "1.0.0 RC 1", "1rc1", "1.0.0-cr1"])


def test_words_after_the_release() -> None:
    assert_ascending("generic", ["1.0.2", "1.0.2a", "1.0.2b", "1.0.2u", "1.0.2.1", "1.0.3"])
    assert_ascending("generic", ["9.3", "9.3p1", "9.3p2", "9.3p10", "9.4"])
    assert_ascending("generic", ["8u101", "8u202", "8u1000"])
    assert_ascending("generic", ["8u0.5", "8u5"])


def test_descriptions_do_not_count() -> None:
    assert_equal("generic", ["115.3.0", "115.3.0esr", "115.3.0 (x64 en-US)", "115.3.0 ESR", "115.3.0-release"])
    assert_equal("generic", ["126.0", "126.0 (Official Build)", "126.0 64-bit", "126.0_x86_64"])


def test_brackets_without_a_blank_are_separators() -> None:
    assert_ascending("generic", ["9.1", "9.1(2)", "9.1(7)", "9.1(7)16", "9.2(1)"])


def test_refused() -> None:
    assert_refused(
        "generic", ["", "*", "-", "unknown", "n/a", "-1.2", ".5", "final", "1.0\x00", "1.0\u202e", "1é", "." * 5000]
    )
