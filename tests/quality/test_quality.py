"""The scores of the matching may not fall (``make quality`` prints them)."""

from __future__ import annotations

import json

import pytest

from tests.quality.__main__ import KEPT
from tests.quality.scoring import Outcome, Score, cases, run, scores


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """All labels of all cases."""
    return [outcome for path in cases() for outcome in run(path)]


def test_no_score_falls(outcomes: list[Outcome]) -> None:
    found = {name: score.as_data() for name, score in scores(outcomes).items()}
    kept = json.loads(KEPT.read_text("utf-8"))
    assert found == kept, (
        "better or worse: run `make quality`, and keep a better score with python -m tests.quality --write"
    )


def test_labels_are_of_both_kinds(outcomes: list[Outcome]) -> None:
    by_ecosystem: dict[str, set[bool]] = {}
    for outcome in outcomes:
        by_ecosystem.setdefault(outcome.ecosystem, set()).add(outcome.is_expected)
    assert {name for name, kinds in by_ecosystem.items() if kinds != {True, False}} == set()


def test_scores_of_nothing_and_of_everything() -> None:
    assert (Score(0, 0, 0).precision, Score(0, 0, 0).recall) == (1.0, 1.0)
    assert Score(0, 1, 1).f1 == 0.0
    assert Score(3, 1, 0).as_data()["precision"] == 0.75
