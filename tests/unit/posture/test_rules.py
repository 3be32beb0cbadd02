"""spec/features.md 5.5: compliance per device; unknown is a state of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.posture.support import check
from weakspot.posture import rules
from weakspot.posture.contracts import Expected

WORDS = st.text(max_size=20)


@pytest.mark.parametrize(
    ("expected", "value", "result"),
    [
        (Expected(equals="no"), "no", "compliant"),
        (Expected(equals="no"), "No", "non_compliant"),
        (Expected(equals="no"), None, "unknown"),
        (Expected(one_of=("0", "1")), "1", "compliant"),
        (Expected(one_of=("0", "1")), "2", "non_compliant"),
        (Expected(at_least=14), "14", "compliant"),
        (Expected(at_least=14), "13", "non_compliant"),
        (Expected(at_least=14), "absent", "non_compliant"),
        (Expected(at_least=14), "many", "unknown"),
        (Expected(at_least=14), "14.5", "unknown"),
        (Expected(at_most=4), "4", "compliant"),
        (Expected(at_most=4), "5", "non_compliant"),
        (Expected(at_most=4), "-1", "compliant"),
        (Expected(at_most=4), "9" * 200, "unknown"),
    ],
)
def test_values(expected: Expected, value: str | None, result: str) -> None:
    assert rules.evaluate(check(compliant=expected), value) == result


def test_a_value_may_say_that_there_is_nothing_to_set() -> None:
    server = check(compliant=Expected(equals="no"), not_applicable=("absent",))
    assert rules.evaluate(server, "absent") == "not_applicable"
    assert rules.evaluate(server, None) == "unknown", "not told is not the same as not there"


@given(st.one_of(st.none(), WORDS), st.frozensets(WORDS, min_size=1, max_size=5), st.frozensets(WORDS, max_size=3))
def test_every_value_has_one_result(value: str | None, complying: frozenset[str], nothing: frozenset[str]) -> None:
    made = check(compliant=Expected(one_of=tuple(complying)), not_applicable=tuple(nothing))
    result = rules.evaluate(made, value)
    assert (result == "unknown") == (value is None)
    assert (result == "not_applicable") == (value in nothing)
    if value is not None and value not in nothing:
        assert (result == "compliant") == (value in complying)


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(-(10**18), 10**18))
def test_numbers_are_compared_as_numbers(number: int, bound: int) -> None:
    least, most = check(compliant=Expected(at_least=bound)), check(compliant=Expected(at_most=bound))
    assert (rules.evaluate(least, str(number)) == "compliant") == (number >= bound)
    assert (rules.evaluate(most, str(number)) == "compliant") == (number <= bound)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"compliant": Expected()}, "exactly one"),
        ({"compliant": Expected(equals="a", at_most=3)}, "exactly one"),
        ({"platforms": ("linux", "linux")}, "twice"),
        ({"compliant": Expected(equals="absent"), "not_applicable": ("absent",)}, "cannot comply"),
    ],
)
def test_what_cannot_be_used_is_said(fields: dict[str, object], problem: str) -> None:
    assert problem in str(rules.problem_of(check(**fields)))


def test_expected_values_in_words() -> None:
    """spec/features.md 17.1: values are expressed as operator text."""
    assert rules.expected_text(Expected(equals="1")) == "Equals '1'"
    assert rules.expected_text(Expected(at_least=24)) == "Greater than or equal '24'"
    assert rules.expected_text(Expected(at_most=4)) == "Less than or equal '4'"
    assert rules.expected_text(Expected(one_of=("a", "b"))) == "One of 'a', 'b'"
