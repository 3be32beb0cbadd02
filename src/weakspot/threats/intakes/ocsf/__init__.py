"""OCSF Detection Finding: class_uid 2004, and the older Security Finding (2001)."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.ocsf.reader import read

INTAKE = Intake(
    name="ocsf",
    title="OCSF Detection Finding",
    specification="https://schema.ocsf.io/1.3.0/classes/detection_finding",
    read=read,
    events=listed("findings", "events"),
)
