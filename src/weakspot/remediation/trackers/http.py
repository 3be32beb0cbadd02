"""HTTP to trackers: as to any other system, with the errors of trackers."""

from __future__ import annotations

from typing import ClassVar

from weakspot.remediation.trackers.base import TrackerBusy, TrackerRefused
from weakspot.runtime import outbound


class Http(outbound.Http):
    """Requests to one tracker. Raises TrackerBusy or TrackerRefused."""

    subject: ClassVar[str] = "tracker"
    busy: ClassVar[type[outbound.Busy]] = TrackerBusy
    refused: ClassVar[type[outbound.Refused]] = TrackerRefused


def check_address(base: str) -> str:
    """The address without a slash at its end. Raises TrackerRefused."""
    return outbound.check_address(base, "tracker", TrackerRefused)
