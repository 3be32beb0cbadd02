"""All SQL about device groups and the rules that make groups and tags."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.labels.contracts import GroupDetail, TagRule
from weakspot.inventory.labels.tables import chosen_label, tag_rule
from weakspot.inventory.rules.grouping import MatchingRule
from weakspot.inventory.tables import UNGROUPED_ID, device_group
from weakspot.runtime.clock import Micros

_rule = msgspec.json.Decoder(MatchingRule)

LAST_RANK = 1_000_000
"""Of the default group; others have 1 up."""


def groups(conn: Connection) -> list[GroupDetail]:
    """All groups, highest rank first, the default group last."""
    query = sa.select(device_group).order_by(device_group.c.id == UNGROUPED_ID, device_group.c.rank, device_group.c.id)
    return [
        GroupDetail(id=row.id, name=row.name, description=row.description, rank=row.rank, rule=_rule.decode(row.rule))
        for row in conn.execute(query)
    ]


def insert_group(conn: Connection, name: str, description: str, rule: MatchingRule, rank: int) -> int:
    """A new group. Its id was never that of another: scopes that named a deleted group must not see this one."""
    used = sa.select(sa.func.coalesce(sa.func.max(device_group.c.id), 0))
    gone = sa.select(chosen_label.c.name).where(chosen_label.c.kind == "placed")
    ids = [int(conn.execute(used).scalar_one()), *(int(name) for name in conn.execute(gone).scalars())]
    values = {
        "id": max(ids) + 1,
        "name": name,
        "description": description,
        "rank": rank,
        "rule": msgspec.json.encode(rule),
    }
    conn.execute(device_group.insert().values(values))
    return max(ids) + 1


def update_group(conn: Connection, group_id: int, name: str, description: str, rule: MatchingRule) -> None:
    """Replace what people wrote about a group."""
    values = {"name": name, "description": description, "rule": msgspec.json.encode(rule)}
    conn.execute(device_group.update().where(device_group.c.id == group_id).values(values))


def delete_group(conn: Connection, group_id: int) -> None:
    """The row; nobody may be in it any more."""
    conn.execute(device_group.delete().where(device_group.c.id == group_id))


def rank_groups(conn: Connection, order: Sequence[int]) -> None:
    """Ranks 1, 2, ... in this order."""
    for rank, group_id in enumerate(order, 1):
        conn.execute(device_group.update().where(device_group.c.id == group_id).values(rank=rank))


def tag_rules(conn: Connection) -> list[TagRule]:
    """All rules for tags, by tag."""
    return [
        TagRule(id=row.id, tag=row.tag, rule=_rule.decode(row.rule), created_at=row.created_at)
        for row in conn.execute(sa.select(tag_rule).order_by(tag_rule.c.tag))
    ]


def write_tag_rule(conn: Connection, tag: str, rule: MatchingRule, now: Micros) -> int:
    """Make or replace the rule of a tag. Returns its id."""
    data = msgspec.json.encode(rule)
    conn.execute(tag_rule.delete().where(tag_rule.c.tag == tag))
    made = conn.execute(tag_rule.insert().values(tag=tag, rule=data, created_at=now).returning(tag_rule.c.id))
    return int(made.scalar_one())


def delete_tag_rule(conn: Connection, rule_id: int) -> str | None:
    """Drop a rule. Returns its tag; None when there was none."""
    tag = conn.execute(sa.select(tag_rule.c.tag).where(tag_rule.c.id == rule_id)).scalar_one_or_none()
    conn.execute(tag_rule.delete().where(tag_rule.c.id == rule_id))
    return tag
