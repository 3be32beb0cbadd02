"""Sigma matches and Sysmon events: a rule that matched with its event, as the usual tools write them."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.sigma.reader import read

INTAKE = Intake(
    name="sigma",
    title="Sigma matches and Sysmon events",
    specification="https://sigmahq.io/docs/basics/rules.html",
    read=read,
    events=listed("matches", "events", "alerts"),
)
