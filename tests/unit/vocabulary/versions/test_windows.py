"""Windows builds."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused
from weakspot.vocabulary.versions import Order, compare, exact, key
from weakspot.vocabulary.versions.windows import branch_of, same_branch


def test_inside_one_branch() -> None:
    assert_ascending("windows", ["10.0.22631.1", "10.0.22631.3155", "10.0.22631.10000"])
    assert_equal("windows", ["10.0.22631.3155", "22631.3155", "10.0.022631.03155"])
    assert_ascending("windows", ["6.3.9600.21503", "6.3.9600.21563"])


def test_other_branches_are_not_comparable() -> None:
    assert compare("windows", "10.0.19045.3930", "10.0.22631.3155") is Order.UNKNOWN
    assert compare("windows", "6.1.7601.27000", "10.0.7601.27000") is Order.UNKNOWN
    assert not exact("windows")


def test_a_branch_is_an_interval_of_keys() -> None:
    branch = branch_of("10.0.22631.3155")
    assert branch is not None
    assert key("windows", "10.0.22631.1").startswith(branch)
    assert not key("windows", "10.0.22632.1").startswith(branch)
    assert same_branch("10.0.22631.1", "22631.2")
    assert not same_branch("x", "x")


def test_refused() -> None:
    assert_refused(
        "windows", ["", "10", "10.0", "10.0.22631", "7601.27000", "10.0.22631.3155.1", "10.0.x.1", "1.2.3.4 "]
    )
