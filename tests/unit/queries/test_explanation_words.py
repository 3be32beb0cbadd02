from __future__ import annotations

from typing import Any

import pytest

from weakspot.matching.contracts import ClaimOutcome
from weakspot.queries.explanation_words import comparison


def outcome(**given: Any) -> ClaimOutcome:
    values: dict[str, Any] = {
        "advisory_id": 1, "source": "osv", "record_id": "X", "relation": "self", "ecosystem": "Debian:12",
        "name": "openssl", "version": "3.0.11-1", "introduced": "0", "end_kind": "none", "status": "affected",
        "outcome": "affected",
    }  # fmt: skip
    return ClaimOutcome(**(values | given))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fixed": "3.0.15-1~deb12u1", "end_kind": "fixed"}, "3.0.11-1 < 3.0.15-1~deb12u1"),
        (
            {"introduced": "3.0", "fixed": "3.0.15-1", "end_kind": "fixed"},
            "3.0 <= 3.0.11-1 < 3.0.15-1",
        ),
        ({"last_affected": "3.0.12-1", "end_kind": "last_affected"}, "3.0.11-1 <= 3.0.12-1"),
        ({}, "3.0.11-1, and no fixed version is named"),
        ({"end_kind": "versions"}, "3.0.11-1 is one of the versions that the record lists"),
        (
            {"outcome": "outside_range", "fixed": "3.0.11-1", "end_kind": "fixed"},
            "3.0.11-1 >= 3.0.11-1, which has the fix",
        ),
        (
            {"outcome": "outside_range", "last_affected": "2-1", "end_kind": "last_affected"},
            "3.0.11-1 > 2-1, the last affected version",
        ),
        ({"outcome": "outside_range", "introduced": "9-1"}, "3.0.11-1 < 9-1, the first affected version"),
        (
            {"outcome": "outside_range", "end_kind": "versions"},
            "3.0.11-1 is not one of the versions that the record lists",
        ),
        ({"outcome": "not_affected"}, "the record says that 3.0.11-1 is not affected"),
        (
            {"outcome": "not_comparable", "fixed": "?!", "end_kind": "fixed"},
            "3.0.11-1 ? ?!: the two cannot be put in order",
        ),
    ],
)
def test_comparison_in_words(given: dict[str, Any], words: str) -> None:
    assert comparison(outcome(**given), "dpkg") == words
