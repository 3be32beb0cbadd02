"""Evaluation of the rules for tags and groups, where something changed: all devices, or those that did.

A change of rules looks at all devices once, by their distinct facts; a change of devices looks at those devices alone.
Followers are told which devices moved, in one row however many they are.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.labels import rules_store, store
from weakspot.inventory.labels.contracts import NO_CRITICALITY, Label
from weakspot.inventory.rules import grouping
from weakspot.inventory.tables import UNGROUPED_ID
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros

POPULATION_CHANGED = "inventory.population"
LABELS_CHANGED = "inventory.labels"


class Preview(msgspec.Struct, frozen=True):
    """What a rule would match: how many devices, and the first of them by name."""

    total: int
    device_ids: tuple[int, ...]


def evaluate(conn: Connection, ids: BitMap | None, now: Micros) -> BitMap:
    """Bring rule tags and groups of these devices (None: all) up to date. Returns the devices that moved."""
    groups = rules_store.groups(conn)
    tag_rules = rules_store.tag_rules(conn)
    placed = store.chosen(conn, "placed")
    is_ruled = bool(tag_rules or placed) or any(group.rule.conditions for group in groups)
    if ids is not None and not is_ruled:
        return BitMap()
    facts = store.facts(conn, ids)
    uses_tags = any(rule.uses_tags for rule in [*(one.rule for one in groups), *(one.rule for one in tag_rules)])
    given = given_tags(conn) if uses_tags else {}
    ruled = {one.tag: grouping.matching(one.rule, facts, given) for one in tag_rules}
    changed = _write_ruled(conn, ruled, facts.ids if ids is None else ids, is_whole=ids is None)
    tags = {tag: given.get(tag, BitMap()) | ruled.get(tag, BitMap()) for tag in given.keys() | ruled.keys()}
    wanted = [
        (group.id, grouping.matching(group.rule, facts, tags) | placed.get(str(group.id), BitMap())) for group in groups
    ]
    moves = grouping.moves(grouping.assigned(wanted, UNGROUPED_ID, facts), facts)
    store.regroup(conn, moves)
    moved = BitMap.union(BitMap(), *moves.values())
    tell_labels(conn, changed, now)
    tell_devices(conn, moved, now)
    return moved


def preview(
    conn: Connection, rule: grouping.MatchingRule, *, within: Iterable[int] | None = None, limit: int = 10
) -> Preview:
    """What a rule would match now, in the groups ``within`` (None: all); up to ten shown (spec/features.md 13.5)."""
    facts = store.facts(conn, None if within is None else store.members(conn, within))
    found = grouping.matching(rule, facts, all_tags(conn) if rule.uses_tags else {})
    shown = sorted((name.casefold(), one) for one, name in facts.names if one in found)[:limit]
    return Preview(len(found), tuple(one for _, one in shown))


def all_tags(conn: Connection) -> dict[str, BitMap]:
    """Tag -> devices that have it from anywhere."""
    tags = given_tags(conn)
    for name, devices in store.found(conn, "tag", "rule").items():
        tags[name] = tags.get(name, BitMap()) | devices
    return {name: devices for name, devices in tags.items() if devices}


def labels(conn: Connection) -> list[Label]:
    """All labels that lists are filtered by, in force now: tags, criticality, internet-facing."""
    found = [Label("tag", name, devices) for name, devices in all_tags(conn).items()]
    for kind in ("criticality", "internet_facing"):
        sets = dict(store.found(conn, kind, "context"))
        by_hand = store.chosen(conn, kind)
        decided = BitMap.union(BitMap(), *by_hand.values())
        for name in sets.keys() | by_hand.keys():
            devices = (sets.get(name, BitMap()) - decided) | by_hand.get(name, BitMap())
            if devices and name != NO_CRITICALITY:
                found.append(Label(kind, name, devices))
    return found


def tell_labels(conn: Connection, ids: BitMap, now: Micros) -> None:
    """These devices gained or lost labels; followers read all labels again, which are few."""
    if ids:
        changes.append(conn, now, LABELS_CHANGED, {"devices": ids.serialize()})


def tell_devices(conn: Connection, ids: BitMap, now: Micros) -> None:
    """Followers read group, value and exclusion of these devices again."""
    if ids:
        changes.append(conn, now, POPULATION_CHANGED, {"devices": ids.serialize()})


def given_tags(conn: Connection) -> dict[str, BitMap]:
    """Tags by people and sensors: what rules may ask for."""
    tags = store.chosen(conn, "tag")
    for name, devices in store.found(conn, "tag", "sensor").items():
        tags[name] = tags.get(name, BitMap()) | devices
    return tags


def _write_ruled(conn: Connection, ruled: dict[str, BitMap], looked_at: BitMap, *, is_whole: bool) -> BitMap:
    before = store.found(conn, "tag", "rule")
    kept = {} if is_whole else {name: devices - looked_at for name, devices in before.items() if name in ruled}
    wanted = {name: devices | kept.get(name, BitMap()) for name, devices in ruled.items()}
    return BitMap.union(BitMap(), *store.replace_found(conn, "tag", "rule", wanted).values())
