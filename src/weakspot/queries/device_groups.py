"""Device groups, tags and the rules that make them, for those who look after them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.inventory import labels
from weakspot.inventory.rules.grouping import MatchingRule
from weakspot.inventory.tables import UNGROUPED_ID
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import DeviceRow
from weakspot.queries.lens import Lens
from weakspot.queries.rows import device_rows
from weakspot.runtime.clock import to_iso


class DeviceGroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device group; rank 1 is highest, the default group has none and takes the rest."""

    id: int
    name: str
    description: str
    rank: int | None
    is_default: bool
    rule: MatchingRule
    devices: int
    """Devices in it now that count."""


class TagRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that some device of the scope has; ``origins``: manual, sensor, rule."""

    name: str
    origins: list[str]
    devices: int


class TagRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that devices get by a rule."""

    id: int
    tag: str
    rule: MatchingRule
    devices: int
    created_at: str


class RulePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would match now: all of them counted, up to ten shown."""

    total: int
    devices: list[DeviceRow]


def groups(read: ReadContext, scope: Scope) -> list[DeviceGroupRow]:
    """Groups of the scope, highest rank first, the default group last."""
    view = read.fleet.view()
    return [
        DeviceGroupRow(
            id=one.id,
            name=one.name,
            description=one.description,
            rank=None if one.id == UNGROUPED_ID else one.rank,
            is_default=one.id == UNGROUPED_ID,
            rule=one.rule,
            devices=len(view.scope_bitmap(scope.narrowed(frozenset([one.id])))),
        )
        for one in labels.groups(read.conn)
        if scope.includes(one.id)
    ]


def tags(read: ReadContext, scope: Scope) -> list[TagRow]:
    """Tags that a counted device of the scope has, most used first."""
    here = read.fleet.view().scope_bitmap(scope)
    by_origin = {
        "manual": labels.chosen(read.conn, "tag"),
        "sensor": labels.found(read.conn, "tag", "sensor"),
        "rule": labels.found(read.conn, "tag", "rule"),
    }
    rows = []
    for name, devices in labels.all_tags(read.conn).items():
        origins = [origin for origin, sets in by_origin.items() if name in sets and sets[name].intersect(here)]
        if origins:
            rows.append(TagRow(name=name, origins=origins, devices=len(devices & here)))
    return sorted(rows, key=lambda one: (-one.devices, one.name.casefold()))


def tag_rules(read: ReadContext, scope: Scope) -> list[TagRuleRow]:
    """Rules that give tags, by tag; the counts are those of the scope."""
    here = read.fleet.view().scope_bitmap(scope)
    found = labels.found(read.conn, "tag", "rule")
    return [
        TagRuleRow(
            id=one.id,
            tag=one.tag,
            rule=one.rule,
            devices=len(found[one.tag] & here) if one.tag in found else 0,
            created_at=to_iso(one.created_at),
        )
        for one in labels.tag_rules(read.conn)
    ]


def preview(read: ReadContext, scope: Scope, rule: MatchingRule) -> RulePreview:
    """What a rule would match among the devices of the scope (spec/features.md 13.5)."""
    lens = Lens(read, scope)
    found = labels.preview(read.conn, rule, within=_members(read, scope))
    return RulePreview(total=found.total, devices=device_rows(lens, found.device_ids))


def _members(read: ReadContext, scope: Scope) -> Sequence[int] | None:
    if scope.group_ids is None:
        return None
    return [one.id for one in inventory.groups(read.conn) if scope.includes(one.id)]
