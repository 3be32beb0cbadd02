"""CrowdStrike-style events: DetectionSummaryEvent of the event stream, and alerts of the API."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.crowdstrike.reader import read

INTAKE = Intake(
    name="crowdstrike",
    title="CrowdStrike-style events",
    specification="https://falcon.crowdstrike.com/documentation",
    read=read,
    events=listed("resources", "events", "detections"),
)
