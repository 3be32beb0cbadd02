"""deb-version(7) and Debian policy 5.6.12."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_the_example_of_the_policy() -> None:
    assert_ascending("dpkg", ["~~", "~~a", "~", "", "a"][:3])
    assert_ascending("dpkg", ["1~~", "1~~a", "1~", "1", "1a"])


def test_epoch_decides_first() -> None:
    assert_ascending("dpkg", ["9.9", "1:0.1", "2:0", "10:0"])
    assert_equal("dpkg", ["1.0", "0:1.0", "00:1.0"])


def test_letters_sort_before_other_characters() -> None:
    assert_ascending("dpkg", ["1~rc1", "1", "1a", "1z", "1+", "1-1", "1.1"][:5])
    assert_ascending("dpkg", ["1.0", "1.0a", "1.0+b1", "1.0.1"])


def test_revision() -> None:
    assert_equal("dpkg", ["1.0", "1.0-0", "1.0-00"])
    assert_ascending("dpkg", ["1.0-1~bpo12+1", "1.0-1", "1.0-1+deb12u1", "1.0-1.1", "1.0-2", "1.0-10"])
    assert_ascending("dpkg", ["1-1-1", "1-1-2", "1-2-1"])


def test_digits_are_numbers_of_any_length() -> None:
    assert_equal("dpkg", ["1.01", "1.1", "1.0000000000000000000000000001"])
    assert_ascending("dpkg", ["1." + "9" * 400, "1.1" + "0" * 400])


def test_a_missing_number_is_zero() -> None:
    assert_equal("dpkg", ["1.0", "1.", "1.-0"])
    assert_equal("dpkg", ["a", "a0"])


def test_taken_as_dpkg_takes_it_with_a_warning() -> None:
    assert_ascending("dpkg", ["abc", "v1.0"])
    assert_ascending("dpkg", ["1.0", "1.0_2"])


def test_refused() -> None:
    assert_refused("dpkg", ["", " ", "1:", ":1", "a:1", "-1:1", "+1:1", "2147483648:1", "1-", "-1", "1 2", "1\t2"])
    assert_refused("dpkg", ["1.0\x00", "1.0\u202e", "1.0é", "9" * 513])


def test_blanks_around_do_not_count() -> None:
    assert_equal("dpkg", ["1.0-1", " 1.0-1\n"])
