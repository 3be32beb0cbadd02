"""What crosses the border of the baseline profiles (spec/features.md 17.1)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from weakspot.posture.contracts import Expected, Platform
from weakspot.runtime.clock import Micros

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Word = Annotated[str, msgspec.Meta(max_length=100)]
_CheckId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Group = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One check of a profile. expected: a threshold of the profile's own; None: the check's."""

    check_id: _CheckId
    expected: Expected | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named set of checks, with the devices that are to comply with them.

    Devices: those of the platform (and, where given, of the distribution and of a version that begins so) that are in
    one of the groups and have one of the tags; later ones join by themselves. groups None: all; tags empty: any.
    """

    name: _Name
    description: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    benchmark: _Word = ""
    """What it follows, such as ``CIS``; free text."""
    version: _Word = ""
    level: _Word = ""
    """Compliance level of the benchmark; free text."""
    platform: Platform
    distribution: _Word = ""
    os_version: _Word = ""
    configurations: Annotated[tuple[Configuration, ...], msgspec.Meta(min_length=1, max_length=2_000)]
    groups: Annotated[tuple[_Group, ...], msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    tags: Annotated[tuple[_Name, ...], msgspec.Meta(max_length=100)] = ()
    is_enabled: bool = True


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A kept profile. created_by and changed_by: ``kind:id:name`` of that time; changed_*: None where nobody did."""

    id: str
    """UUID."""
    profile: Profile
    created_by: str
    created_at: Micros
    changed_by: str | None
    changed_at: Micros | None
