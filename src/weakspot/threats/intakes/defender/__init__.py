"""Microsoft Graph security and Defender alerts: alerts_v2, and the older alert of Defender for Endpoint."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.defender.reader import read

INTAKE = Intake(
    name="defender",
    title="Microsoft Graph security and Defender alerts",
    specification="https://learn.microsoft.com/graph/api/resources/security-alert",
    read=read,
    events=listed("value", "alerts"),
)
