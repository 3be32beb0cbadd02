"""weakspot.matching.rules.feedback."""

from __future__ import annotations

from typing import Any

import pytest

from weakspot.matching.contracts import GivenFeedback
from weakspot.matching.rules.feedback import MAX_TEXT, problem_of


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, None),
        ({"kind": "device_count", "subject_kind": "software", "text": "two, not one"}, None),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 2_101}, "subject"),
        ({"subject_kind": "software"}, "kind"),
        ({"kind": "not_installed", "text": "  "}, "text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "text"),
    ],
)
def test_what_can_be_said(fields: dict[str, Any], field: str | None) -> None:
    given = {"kind": "support_wish", "subject_kind": "vulnerability", "subject": "CVE-2099-1"} | fields
    problem = problem_of(GivenFeedback(**given))
    assert (problem and problem[0]) == field
