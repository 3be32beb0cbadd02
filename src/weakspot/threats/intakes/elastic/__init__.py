"""Elastic Security alerts (ECS): documents with ECS fields, nested or dotted, alone or as search hits."""

from __future__ import annotations

from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.elastic.reader import read

INTAKE = Intake(
    name="elastic",
    title="Elastic Security alerts (ECS)",
    specification="https://www.elastic.co/docs/reference/ecs",
    read=read,
    events=listed("hits.hits", "alerts", "events"),
)
