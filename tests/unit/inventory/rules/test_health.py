"""Health and onboarding: spec/features.md 13.1 (7 days of silence) and 3."""

from __future__ import annotations

import pytest

from weakspot.inventory.rules.health import health, onboarding
from weakspot.runtime.clock import DAY, SECOND

NOW = 1_000 * DAY


@pytest.mark.parametrize(
    ("seen", "reported", "observed", "expected"),
    [
        (NOW, NOW, NOW, "Active"),
        (NOW - 7 * DAY + SECOND, NOW - 6 * DAY, NOW - 6 * DAY, "Active"),
        (NOW - 7 * DAY, NOW - 7 * DAY, NOW - 7 * DAY, "Inactive"),
        (NOW, None, None, "No sensor data"),
        (NOW, NOW - 7 * DAY, NOW - 7 * DAY, "No sensor data"),
        (NOW, NOW, NOW - DAY - SECOND, "Impaired communications"),
    ],
)
def test_health(seen: int, reported: int | None, observed: int | None, expected: str) -> None:
    assert health(NOW, seen, reported, observed) == expected


@pytest.mark.parametrize(
    ("seen", "reported", "refused", "is_incomplete", "expected"),
    [
        (NOW, NOW, None, True, "Misconfigured"),
        (NOW, NOW - DAY, NOW, False, "Misconfigured"),
        (NOW, None, NOW, False, "Misconfigured"),
        (NOW, NOW - 8 * DAY, NOW - 7 * DAY, False, "No sensor data"),
        (NOW, NOW - 8 * DAY, None, True, "No sensor data"),
        (NOW - 7 * DAY, NOW - 7 * DAY, NOW - 7 * DAY, True, "Inactive"),
    ],
)
def test_reports_that_are_refused_or_incomplete(
    seen: int, reported: int | None, refused: int | None, is_incomplete: bool, expected: str
) -> None:
    assert health(NOW, seen, reported, reported, refused_at=refused, is_incomplete=is_incomplete) == expected


@pytest.mark.parametrize(
    ("source", "platform", "has_reported", "expected"),
    [
        ("sensor", "Linux", True, "Onboarded"),
        ("osquery", "Windows", True, "Onboarded"),
        ("sensor", "Linux", False, "Can be onboarded"),
        ("import:intune", "Windows", True, "Can be onboarded"),
        ("sbom:firmware", "", True, "Insufficient info"),
        ("import:list", "VxWorks", True, "Unsupported"),
    ],
)
def test_onboarding(source: str, platform: str, has_reported: bool, expected: str) -> None:
    assert onboarding(source, platform, has_reported=has_reported) == expected
