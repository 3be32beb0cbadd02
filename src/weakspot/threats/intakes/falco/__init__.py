"""Falco events: its JSON output, as http_output or Falcosidekick posts it."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.falco.reader import read

INTAKE = Intake(
    name="falco",
    title="Falco events",
    specification="https://falco.org/docs/concepts/outputs/channels/",
    read=read,
    events=listed("events"),
)
