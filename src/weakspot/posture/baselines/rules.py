"""What a baseline profile asks of a setting. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from weakspot.posture import rules
from weakspot.posture.baselines.contracts import Configuration, Profile
from weakspot.posture.contracts import Check


def cleaned(profile: Profile) -> Profile:
    """With names without needless blanks, groups and tags once each, checks in order of their ids."""
    return msgspec.structs.replace(
        profile,
        name=" ".join(profile.name.split()),
        distribution=profile.distribution.strip().lower(),
        os_version=profile.os_version.strip(),
        configurations=tuple(sorted(profile.configurations, key=lambda one: one.check_id)),
        groups=None if profile.groups is None else tuple(sorted(set(profile.groups))),
        tags=tuple(dict.fromkeys(" ".join(one.split()) for one in profile.tags)),
    )


def problem_of(profile: Profile, checks: Mapping[str, Check]) -> tuple[str, str] | None:
    """(field, why) of what cannot be used, in words; None when it can."""
    if not profile.name:
        return "name", "A profile needs a name."
    if "" in profile.tags:
        return "tags", "A tag is not empty."
    seen: set[str] = set()
    for one in profile.configurations:
        check = checks.get(one.check_id)
        if check is None:
            return "configurations", f"There is no check {one.check_id}; see `weakspot checks list`."
        if one.check_id in seen:
            return "configurations", f"The check {one.check_id} is named twice."
        if profile.platform not in check.platforms:
            return "configurations", f"The check {one.check_id} is not for {profile.platform}."
        if one.expected is not None and (why := rules.problem_of(asked(one, check))):
            return "configurations", f"{one.check_id}: {why}."
        seen.add(one.check_id)
    return None


def asked(configuration: Configuration, check: Check) -> Check:
    """The check as the profile asks it."""
    if configuration.expected is None:
        return check
    return msgspec.structs.replace(check, compliant=configuration.expected)


def is_customised(configuration: Configuration, check: Check) -> bool:
    """Whether the profile asks for something else than the check does."""
    return configuration.expected is not None and configuration.expected != check.compliant
