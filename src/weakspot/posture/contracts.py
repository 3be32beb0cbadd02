"""What crosses the border of the posture: checks of settings, and what their values amount to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from weakspot.runtime.clock import Micros

Platform = Literal["linux", "windows", "macos"]
Category = Literal["application", "os", "network", "accounts", "security_controls"]
"""spec/features.md 5.5."""
Result = Literal["compliant", "non_compliant", "not_applicable", "unknown"]

_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Text = Annotated[str, msgspec.Meta(max_length=2_000)]
_Value = Annotated[str, msgspec.Meta(max_length=256)]
_Values = Annotated[tuple[_Value, ...], msgspec.Meta(min_length=1, max_length=64)]
_Texts = Annotated[tuple[_Text, ...], msgspec.Meta(min_length=1, max_length=20)]
_Lines = Annotated[tuple[_Line, ...], msgspec.Meta(max_length=20)]
_Number = Annotated[int, msgspec.Meta(ge=-(1 << 62), le=1 << 62)]


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which values comply: exactly one of the fields is set. ``at_least`` and ``at_most`` read whole numbers."""

    equals: _Value | None = None
    one_of: _Values | None = None
    at_least: _Number | None = None
    at_most: _Number | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One recommended setting. docs/posture.md explains each field."""

    id: Annotated[str, msgspec.Meta(pattern=r"^check-[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    title: _Line
    category: Category
    subcategory: _Line
    impact: Annotated[int, msgspec.Meta(ge=1, le=10)]
    """Its weight in the secure score (spec/features.md 5.5)."""
    platforms: Annotated[tuple[Platform, ...], msgspec.Meta(min_length=1, max_length=3)]
    setting: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.-]{2,127}$")]
    """Name of the setting that it reads."""
    provided: dict[Literal["linux", "windows", "macos", "osquery"], _Text]
    """Where a sensor or agent finds the setting, and how its values are spelled."""
    compliant: Expected
    not_applicable: Annotated[tuple[_Value, ...], msgspec.Meta(max_length=64)] = ()
    """Values that say that the device has nothing to set."""
    rationale: _Text
    remediation: _Texts
    """Steps, in order, or one for each kind of system."""
    user_impact: _Text = ""
    """What people notice of the change; empty: nothing is expected."""
    attack: _Lines = ()
    """ATT&CK techniques that it makes harder."""
    mitigations: _Lines = ()
    """ATT&CK mitigations that it is one of."""
    references: _Lines = ()
    is_own: bool = False
    """Of the organisation's own folder."""


class FeatureCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the operating system that some of its vulnerabilities need (spec/features.md 11.5).

    name: as in "... is off". off_values: values of the setting that say so. titles: how the titles of these
    vulnerabilities begin; vulnerabilities: more of them, by name.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    name: _Line
    setting: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.-]{2,127}$")]
    off_values: _Values
    titles: Annotated[tuple[Annotated[str, msgspec.Meta(min_length=12)], ...], msgspec.Meta(max_length=20)] = ()
    vulnerabilities: Annotated[tuple[_Line, ...], msgspec.Meta(max_length=200)] = ()


class CheckDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chose for a check. ``decided_by`` is ``kind:id:name`` of that time."""

    check_id: str
    is_enabled: bool
    reason: str
    decided_by: str
    decided_at: Micros


class CheckValues(msgspec.Struct, frozen=True):
    """Setting value ids that a check reads, by what they amount to. A device with none of them is unknown."""

    compliant: frozenset[int]
    non_compliant: frozenset[int]
    not_applicable: frozenset[int]
    unknown: frozenset[int]
    """Values that nobody can compare."""


class Evaluation(msgspec.Struct, frozen=True, eq=False):
    """What the values of all settings amount to for every check. ``stamp`` changes whenever any of it does."""

    stamp: tuple[int, ...]
    checks: Mapping[str, Check]
    values: Mapping[str, CheckValues]
    """By check id; of every check, enabled or not."""
    decisions: Mapping[str, CheckDecision]

    def is_enabled(self, check_id: str) -> bool:
        """Whether a check counts: yes unless somebody switched it off."""
        decision = self.decisions.get(check_id)
        return decision is None or decision.is_enabled
