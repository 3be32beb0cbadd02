"""Tables of verdicts."""

import pytest

from weakspot.vocabulary.versions import Order, UnknownScheme
from weakspot.vocabulary.versions.table import disagreements, summarise, verdicts


def test_agreement_and_disagreement() -> None:
    lines = ["1.0 < 1.1", "1.0 == 1.0", "1.0 = 1.0", "1.1 > 1.0", "x ? 1.0", "1.0 > 1.1"]
    (wrong,) = disagreements("semver", lines)
    assert (wrong.number, wrong.expected, wrong.actual) == (6, Order.GREATER, Order.LESS)
    assert str(wrong) == "line 6: 1.0 > 1.1: got <"


def test_comments_and_empty_lines_do_not_count() -> None:
    lines = ["# head", "", "   ", "1.0 < 1.1  # why", "1#2 < 1.1"]
    assert [verdict.text for verdict in verdicts("generic", lines)] == ["1.0 < 1.1", "1#2 < 1.1"]


def test_tabs_allow_blanks_in_versions() -> None:
    assert not list(disagreements("generic", ["7.00 beta\t<\t7.00\n"]))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1.0 < ", "2 fields"),
        ("1.0", "1 fields"),
        ("1.0 < 1.1 1.2", "4 fields"),
        ("1.0 <= 1.1", "no operator '<='"),
        ("1" * 5000 + " < 2", "longer than"),
    ],
)
def test_unreadable_lines_are_reported(line: str, problem: str) -> None:
    (wrong,) = disagreements("semver", ["1.0 < 1.1", line])
    assert wrong.number == 2
    assert wrong.problem is not None
    assert problem in wrong.problem
    assert problem in str(wrong)
    assert len(wrong.text) <= 200


def test_summary() -> None:
    summary = summarise("semver", ["1.0 > 1.1"] * 30 + ["1.0 < 1.1", "# no"], keep=20)
    assert (summary.lines, summary.disagreements, len(summary.first)) == (31, 30, 20)


def test_an_unknown_scheme_is_refused_at_once() -> None:
    with pytest.raises(UnknownScheme):
        verdicts("nope", [])


def test_signs_that_turn_a_terminal_around_are_written_out() -> None:
    told = str(next(disagreements("dpkg", ["\u202e1.0\x1b[2J > 1"])))
    assert told.isprintable()
    assert "\\u202e1.0\\x1b[2J" in told
