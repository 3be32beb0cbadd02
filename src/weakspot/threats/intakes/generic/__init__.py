"""Generic JSON: our own plain field names; other names are told by a mapping."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.generic.reader import read

INTAKE = Intake(
    name="generic",
    title="Generic JSON",
    specification="docs/detections.md",
    read=read,
    events=listed("detections", "events", "alerts"),
)
