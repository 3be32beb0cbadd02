"""weakspot.cli.feeds: how progress and outcomes are told."""

from __future__ import annotations

from typing import Any

import pytest

from weakspot.cli.feeds import describe, follow


def outcome(**fields: Any) -> dict[str, Any]:
    """An outcome as the API gives it."""
    values = {"source": "osv", "status": "succeeded", "reason": "", "version": 3, "counts": {}}
    return values | {"software_versions_changed": 0} | fields


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (outcome(), "osv: succeeded (nothing new)"),
        (outcome(counts={"added": 1200, "ended": 1, "unchanged": 9}), "osv: succeeded (1,200 added, 1 ended)"),
        (outcome(status="failed", reason="No answer."), "osv: failed. No answer."),
        (
            outcome(status="partly", reason="One file.", counts={"quarantined": 2}),
            "osv: partly (2 quarantined). One file.",
        ),
    ],
)
def test_an_outcome_is_one_line(given: dict[str, Any], expected: str) -> None:
    assert describe(given) == expected


def test_steps_are_followed_to_the_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        {"progress": "osv [red]", "done": 1, "total": 2},
        {"progress": "osv", "done": 2, "total": 0},
        {"unrecognised": "strange/[bold]file"},
        {"outcome": outcome()},
    ]
    assert follow(steps) == [outcome()]
    told = capsys.readouterr()
    assert "not recognised, left alone: strange/[bold]file" in told.err + told.out
