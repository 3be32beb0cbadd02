"""rpm-version(7)."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused
from weakspot.vocabulary.versions import Order, compare, rpm


def test_tilde_and_caret() -> None:
    assert_ascending("rpm", ["1.0~rc1", "1.0~rc2", "1.0", "1.0^git1", "1.0^git1~pre", "1.0^git2", "1.0.1"][:4])
    assert_ascending("rpm", ["1.0^git1~pre", "1.0^git1", "1.0^git2", "1.0.1"])
    assert_ascending("rpm", ["1.0~rc1", "1.0~rc1^git1", "1.0"])
    assert_ascending("rpm", ["1.0~~", "1.0~", "1.0"])


def test_segments() -> None:
    assert_ascending("rpm", ["1.0", "1.0a", "1.0b", "1.0.1", "1.0.10", "1.1"])
    assert_equal("rpm", ["1.0", "1.00", "1_0", "1..0", "1.0."])
    assert_ascending("rpm", ["1.0A", "1.0a"])
    assert_ascending("rpm", ["1.ab", "1.abc", "1.1"])


def test_epoch_and_release() -> None:
    assert_equal("rpm", ["1.0-1", "0:1.0-1", ":1.0-1"])
    assert_ascending("rpm", ["9-9", "1:1-1", "2:0-1"])
    assert_ascending("rpm", ["1.0-1.el9", "1.0-1.el9_2", "1.0-2.el9", "1.0-10.el9"])
    assert_ascending("rpm", ["553.el8_10", "553.5.1.el8_10"])


def test_a_missing_release_sorts_before_every_release() -> None:
    assert_ascending("rpm", ["1.0", "1.0-", "1.0-~1", "1.0-0", "1.0-1"][::2])
    assert_ascending("rpm", ["1.0", "1.0-~1", "1.0-0", "1.1"])


def test_without_release() -> None:
    assert rpm.without_release("1:2.3-4.el9") == "1:2.3"
    assert rpm.without_release("2.3") == "2.3"
    assert compare("rpm", rpm.without_release("2.3-4"), "2.3") is Order.EQUAL


def test_refused() -> None:
    assert_refused("rpm", ["", ".", "~", "1:", "-1", "1.0 -1", "1.0\x00", "1.0\u200f", "1é", "1" * 513])
