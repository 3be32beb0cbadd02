"""Severity bands and words."""

from __future__ import annotations

import pytest

from weakspot.vocabulary.severity import ORDER, from_score, from_words


@pytest.mark.parametrize(
    ("score", "expected"),
    [(None, "Unknown"), (0.0, "None"), (0.1, "Low"), (3.9, "Low"), (4.0, "Medium"), (6.9, "Medium"), (7.0, "High"),
     (8.9, "High"), (9.0, "Critical"), (10.0, "Critical")],
)  # fmt: skip
def test_bands_are_those_of_cvss(score: float | None, expected: str) -> None:
    # spec/features.md 11.7: "Low 0.1-3.9, Medium 4-6.9, High 7-8.9, Critical 9-10"
    assert from_score(score) == expected


@pytest.mark.parametrize("score", [-0.1, 10.1, float("nan")])
def test_a_score_outside_the_range_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match=r"0\.0-10\.0"):
        from_score(score)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Important", "High"), (" MODERATE ", "Medium"), ("critical", "Critical"), ("negligible", "Low"),
     ("odd", "Unknown"), ("", "Unknown"), (None, "Unknown"), ("not yet assigned", "Unknown")],
)  # fmt: skip
def test_vendors_words_are_put_on_the_scale(word: str | None, expected: str) -> None:
    assert from_words(word) == expected


def test_the_order_puts_the_worst_first() -> None:
    assert sorted(ORDER, key=ORDER.__getitem__, reverse=True) == [
        "Critical",
        "High",
        "Medium",
        "Low",
        "None",
        "Unknown",
    ]
