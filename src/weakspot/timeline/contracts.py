"""What crosses the border of the timeline."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

TIMELINE_CHANGED = "timeline.events"

EventType = Literal[
    "new_vulnerability", "public_exploit", "exploit_verified", "exploit_kit", "knowledge_loaded", "newly_exposed",
    "fixed", "regressed", "end_of_support", "detection", "exception", "remediation", "new_configuration_assessment",
]  # fmt: skip
MAIN: tuple[EventType, ...] = (
    "new_vulnerability", "public_exploit", "exploit_verified", "exploit_kit", "knowledge_loaded",
    "new_configuration_assessment",
)  # fmt: skip
"""What the feed shows unless asked for more (spec/features.md 12)."""

EXPLOIT_EVENTS: tuple[EventType, ...] = ("public_exploit", "exploit_verified", "exploit_kit")


class GroupImpact(msgspec.Struct, frozen=True, array_like=True):
    """Devices of one device group at the time of an event: those impacted, and all that counted."""

    group_id: int
    impacted: int
    devices: int


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changed the organisation's risk.

    product: id of the recommendation (about a product or a check), empty where it is about no single one;
    score_change: points of the organisation's score because of it, None where it was not worked out; subject: what it
    is about besides vulnerabilities (an exception's subject, a detection's title, a check's id).
    """

    id: int
    at: Micros
    type: EventType
    product: str
    product_name: str
    vulnerabilities: tuple[int, ...]
    impacts: tuple[GroupImpact, ...]
    score_change: float | None
    subject: str = ""
    what: str = ""


class Told(msgspec.Struct, frozen=True):
    """What was last told of a vulnerability. level: rank of its exploit evidence; products: that carried it."""

    is_present: bool
    level: int
    products: tuple[str, ...]
