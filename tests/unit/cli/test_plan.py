"""weakspot.cli.plan: the plan on a terminal."""

from __future__ import annotations

from typing import Any

from weakspot.cli.plan import render, render_settings

STEP = {
    "number": 1, "id": "va-_-debian-_-curl", "title": "Update curl [beta] to 7.2-1", "remediation_type": "Update",
    "weaknesses": 3, "hours": 2.5, "devices": 40, "gain": 12.345, "score_after": 37.7,
}  # fmt: skip


def answer(**changed: Any) -> dict[str, Any]:
    return {
        "score_before": 50.0, "score_after": 37.7, "best_possible": 36.0, "is_reached": True, "least_actions": None,
        "devices": 40, "hours": 2.5, "actions_considered": 9, "steps": [STEP], "curve": [],
    } | changed  # fmt: skip


def test_steps_and_what_they_come_to() -> None:
    told = render(answer())
    assert "Update curl [beta] to 7.2-1" in told
    assert "12.35" in told or "12.34" in told
    assert "50.0 to 37.7, 40 devices, 2.5 hours. No plan for this goal ends below 36.0." in told
    assert "not reached" not in told


def test_a_score_out_of_reach_is_said() -> None:
    told = render(answer(is_reached=False, least_actions=3))
    assert "fewer than 3 actions" in told
    assert "is not reached" in told


def test_nothing_to_do_is_told_apart() -> None:
    assert "nothing needs to be done" in render(answer(steps=[]))
    assert "nothing that can be done lowers it" in render(answer(steps=[], is_reached=False))
    assert "No device counts" in render(answer(steps=[], score_before=None))


def test_settings_have_a_table_of_their_own() -> None:
    step = {
        "number": 1, "id": "sca-_-check-linux-aslr", "title": "Place programs at random addresses", "hours": 2.0,
        "devices": 4, "gain": 3.5, "percent_after": 62.5,
    }  # fmt: skip
    told = render_settings(
        {
            "percent_before": 50.0, "percent_after": 62.5, "best_possible": 70.0, "devices": 4, "hours": 2.0,
            "is_reached": False, "steps": [step],
        }
    )  # fmt: skip
    assert "Place programs at random addresses" in told
    assert "50.0 % to 62.5 %, 4 devices, 2.0 hours. No choice for this goal ends above 70.0 %." in told
    assert "is not reached" in told
