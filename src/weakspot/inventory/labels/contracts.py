"""What crosses the border of labels."""

from __future__ import annotations

from typing import Literal

import msgspec
from pyroaring import BitMap

from weakspot.inventory.rules.context import CRITICALITIES, NO_CRITICALITY, ContextRuleState, Criticality
from weakspot.inventory.rules.grouping import MatchingRule
from weakspot.runtime.clock import Micros

__all__ = [
    "CRITICALITIES",
    "MAX_TAGS",
    "MAX_TAG_LENGTH",
    "NO_CRITICALITY",
    "ChosenKind",
    "ContextRuleState",
    "Criticality",
    "FoundKind",
    "GroupDetail",
    "Label",
    "Origin",
    "TagOrigin",
    "TagRule",
]

ChosenKind = Literal["tag", "placed", "device_value", "criticality", "internet_facing", "accepted", "dismissed"]
FoundKind = Literal["tag", "device_value", "criticality", "internet_facing", "context"]
Origin = Literal["sensor", "rule", "context"]
TagOrigin = Literal["manual", "sensor", "rule"]

MAX_TAG_LENGTH = 200
MAX_TAGS = 5_000
"""Distinct tags in a fleet; each is a bitmap that every reader of tags looks at."""


class GroupDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A device group as administrators see it. ``rule`` without conditions: only devices that were placed in it."""

    id: int
    name: str
    description: str
    rank: int
    rule: MatchingRule


class TagRule(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that devices get by a rule."""

    id: int
    tag: str
    rule: MatchingRule
    created_at: Micros


class Label(msgspec.Struct, frozen=True):
    """One label in force: all devices that have it, whoever said so."""

    kind: str
    name: str
    devices: BitMap
