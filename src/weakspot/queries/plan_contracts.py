"""What the part of the plan about settings answers."""

from __future__ import annotations

import msgspec


class SettingsPlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One setting to change. gain: points that the secure score gains by it; exact, in any order of the steps."""

    number: int
    id: str
    """Of the recommendation: ``sca-_-check-…``"""
    check_id: str
    title: str
    hours: float
    devices: int
    gain: float
    points_after: float
    percent_after: float
    blunted_weaknesses: int
    """Weaknesses of the scope that are known to be used in attacks which it makes harder. In no score."""


class SettingsPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Settings to change, by what the secure score gains; the exposure score does not know of them.

    No choice within the same number and hours reaches more than ``best_possible``, or the percentage asked for with
    fewer than ``least_actions``. percent null: nothing is assessed.
    """

    points_before: float
    points_after: float
    maximum: float
    percent_before: float | None
    percent_after: float | None
    best_possible: float | None
    """Percent."""
    is_reached: bool
    """True where no percentage was asked for."""
    least_actions: int | None
    devices: int
    """Distinct devices that the steps touch."""
    hours: float
    actions_considered: int
    steps: list[SettingsPlanStep]
