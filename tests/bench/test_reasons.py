"""What docs/performance.md says of budgets that are missed."""

from __future__ import annotations

from typing import Any

import pytest

from bench.__main__ import page
from bench._reasons import REASONS, missed


def figure(name: str, *, met: bool | None = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "devices": 100_000, "value": 1234.5, "unit": "ms", "budget": 3_000.0, "met": met, **more}


def test_only_missed_budgets_are_told() -> None:
    assert missed([figure("server.restart", met=True), figure("server.cpu", met=None)]) == []


def test_a_missed_budget_is_told_with_what_was_reached_and_what_follows_from_it() -> None:
    text = "\n".join(missed([figure("reports.delta", cpu_ms=0.5), figure("server.restart", met=True)]))
    assert "**reports.delta, 100,000 devices: 1,234.5 ms, not 3,000.**" in text
    assert "0.5 ms of one core" in text
    assert "2,000 a second" in text
    assert "0.33 ms for each" in text
    assert "server.restart" not in text


def test_a_budget_that_nobody_has_looked_into_says_so() -> None:
    assert missed([figure("feeds.cold")])[-1].endswith("Not looked into yet.")


@pytest.mark.parametrize("name", REASONS)
def test_every_reason_is_whole(name: str) -> None:
    (line,) = missed([figure(name, cpu_ms=0.5, installations=150, cpu=1.5, findings=1_000, stolen=0.1)])[2:]
    assert "{" not in line
    assert line.endswith(".")


def test_the_page_says_what_was_measured_before_and_what_was_remarked() -> None:
    text = page([], "python -m bench --write", None, ["3 of 9 parts were measured in runs before this one.", "Noisy."])
    assert "\n3 of 9 parts were measured in runs before this one.\n\nNoisy.\n" in text
