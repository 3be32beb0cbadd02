"""What an activity becomes with what its devices show (spec/features.md 7.3)."""

from __future__ import annotations

from typing import Literal

import msgspec
from pyroaring import BitMap

from weakspot.remediation.contracts import Activity

Event = Literal["progress", "completed", "reopened"]
RETENTION_DAYS = 180
"""Completed activities are deleted after so long."""


class Outcome(msgspec.Struct, frozen=True):
    """What changes: the devices that are fixed now, and what that means."""

    fixed: BitMap
    event: Event


def assess(activity: Activity, remaining: BitMap) -> Outcome | None:
    """remaining: targets that do not show the fix. None: nothing changes.

    An activity is completed when every target shows the fix. A completed one is opened again when a device that was
    fixed is not any more, whoever had completed it.
    """
    if not activity.has_progress or not activity.targets:
        return None
    fixed = activity.targets - remaining
    if activity.state == "Active" and len(fixed) == len(activity.targets):
        return Outcome(fixed, "completed")
    if activity.state == "Completed" and activity.fixed - fixed:
        return Outcome(fixed, "reopened")
    return Outcome(fixed, "progress") if fixed != activity.fixed else None
