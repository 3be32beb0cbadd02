"""Which devices a matching rule names (spec/features.md 13.5), decided once for each distinct fact.

A rule is a conjunction of conditions of different kinds, each a disjunction of values. Case never matters. A rule
without conditions matches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from pyroaring import BitMap

ConditionKind = Literal["name", "domain", "tag", "os_platform"]
Operator = Literal["equals", "starts_with", "ends_with", "contains"]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

MAX_VALUES = 10


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds when the device's fact of this kind compares to any of the values.

    os_platform compares with the platform (``linux``), the distribution (``debian``) and the distribution with its
    version (``debian 12``).
    """

    kind: ConditionKind
    operator: Operator = "equals"
    values: Annotated[tuple[Value, ...], msgspec.Meta(min_length=1, max_length=MAX_VALUES)]


class MatchingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All conditions must hold; at most one of each kind."""

    conditions: Annotated[tuple[Condition, ...], msgspec.Meta(max_length=4)] = ()

    @property
    def uses_tags(self) -> bool:
        """Whether tags must be known to evaluate it."""
        return any(one.kind == "tag" for one in self.conditions)


class Place(msgspec.Struct, frozen=True):
    """What many devices share: domain and operating system."""

    domain: str
    platform: str
    distribution: str
    version: str

    def systems(self) -> set[str]:
        """What an ``os_platform`` value may say."""
        platform, distribution, version = self.platform, self.distribution, self.version
        return {word.casefold() for word in (platform, distribution, f"{distribution} {version}") if word.strip()}


class Facts(msgspec.Struct, frozen=True):
    """What rules look at, of some devices: names one by one, the rest once for each distinct value."""

    ids: BitMap
    names: Sequence[tuple[int, str]]
    places: Mapping[Place, BitMap]
    groups: Mapping[int, BitMap]
    """Group id -> devices that are in it now."""


Tags = Mapping[str, BitMap]


def problem_of(rule: MatchingRule) -> str:
    """Why a rule cannot be kept, in words; empty when it can."""
    kinds = [one.kind for one in rule.conditions]
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if twice:
        return f"there are two conditions on {twice[0]}; put their values into one"
    blank = [value for one in rule.conditions for value in one.values if not value.strip() or not value.isprintable()]
    return "a value is blank or has control characters" if blank else ""


def matching(rule: MatchingRule, facts: Facts, tags: Tags) -> BitMap:
    """Devices among ``facts`` that the rule names."""
    if not rule.conditions:
        return BitMap()
    found = BitMap(facts.ids)
    # Names are the costly kind: one comparison a device.
    for condition in sorted(rule.conditions, key=lambda one: one.kind == "name"):
        found &= _holding(condition, facts, tags, found)
    return found


def assigned(groups: Iterable[tuple[int, BitMap]], rest: int, facts: Facts) -> dict[int, BitMap]:
    """Group id -> devices that are to be in it: the highest-ranked one that wants the device, else ``rest``.

    groups: (id, devices that its rule names or that were placed in it), highest rank first.
    """
    left = BitMap(facts.ids)
    members: dict[int, BitMap] = {}
    for group_id, wanted in groups:
        if group_id != rest:
            members[group_id] = left & wanted
            left -= wanted
    members[rest] = left
    return members


def moves(members: Mapping[int, BitMap], facts: Facts) -> dict[int, BitMap]:
    """Group id -> devices that have to move into it; groups that nobody joins are left out."""
    joining = {group: devices - facts.groups.get(group, BitMap()) for group, devices in members.items()}
    return {group: devices for group, devices in joining.items() if devices}


def _holding(condition: Condition, facts: Facts, tags: Tags, among: BitMap) -> BitMap:
    holds = _comparison(condition)
    if condition.kind == "name":
        if len(among) < len(facts.ids):
            return BitMap([one for one, name in facts.names if one in among and holds(name.casefold())])
        return BitMap([one for one, name in facts.names if holds(name.casefold())])
    if condition.kind == "tag":
        return BitMap.union(BitMap(), *(devices for tag, devices in tags.items() if holds(tag.casefold())))
    if condition.kind == "domain":
        named = (devices for place, devices in facts.places.items() if holds(place.domain.casefold()))
    else:
        named = (devices for place, devices in facts.places.items() if any(map(holds, place.systems())))
    return BitMap.union(BitMap(), *named)


def _comparison(condition: Condition) -> Callable[[str], bool]:
    values = tuple(value.casefold().strip() for value in condition.values)
    match condition.operator:
        case "equals":
            exact = frozenset(values)
            return lambda text: text in exact
        case "starts_with":
            return lambda text: text.startswith(values)
        case "ends_with":
            return lambda text: text.endswith(values)
        case "contains":
            return lambda text: any(value in text for value in values)
