"""Device groups and tag rules: made, changed, ordered and removed by people; in force for the whole fleet at once."""

from __future__ import annotations

from collections.abc import Sequence

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.labels import placing, rules_store, store
from weakspot.inventory.labels.contracts import GroupDetail
from weakspot.inventory.labels.deciding import clean_tag
from weakspot.inventory.rules.grouping import MatchingRule, problem_of
from weakspot.inventory.tables import UNGROUPED_ID
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

MAX_GROUPS = 1_000
MAX_TAG_RULES = 500
MAX_NAME = 100


def create_group(conn: Connection, name: str, description: str, rule: MatchingRule, now: Micros) -> int:
    """A new group of the lowest rank above the default one. Raises InvalidField, Conflict."""
    known = rules_store.groups(conn)
    if len(known) >= MAX_GROUPS:
        raise Conflict(f"There are {MAX_GROUPS:,} device groups already; delete one first.")
    made = rules_store.insert_group(
        conn,
        _free_name(known, name, None),
        description,
        _checked(rule),
        max((one.rank for one in known if one.id != UNGROUPED_ID), default=0) + 1,
    )
    _rank(conn)
    placing.evaluate(conn, None, now)
    return made


def change_group(conn: Connection, group_id: int, name: str, description: str, rule: MatchingRule, now: Micros) -> None:
    """Replace name, description and rule. The default group takes all that is left and has no rule.

    Raises NotFound, InvalidField, Conflict.
    """
    known = rules_store.groups(conn)
    _existing(known, group_id)
    if group_id == UNGROUPED_ID and rule.conditions:
        raise InvalidField("The default group holds the devices that match no other; it has no rule.", field="rule")
    rules_store.update_group(conn, group_id, _free_name(known, name, group_id), description, _checked(rule))
    placing.evaluate(conn, None, now)
    # Names are shown with devices: those who hold them read them again.
    placing.tell_devices(conn, store.members(conn, [group_id]), now)


def delete_group(conn: Connection, group_id: int, now: Micros) -> None:
    """Remove a group; its devices go where the other rules put them. Raises NotFound, Conflict."""
    _existing(rules_store.groups(conn), group_id)
    if group_id == UNGROUPED_ID:
        raise Conflict("The default group cannot be deleted.")
    members = store.members(conn, [group_id])
    # The emptied row stays, so that the id is never given again (``rules_store.insert_group``).
    store.write_chosen(conn, "placed", str(group_id), BitMap())
    rules_store.update_group(conn, group_id, f"deleted {group_id}", "", MatchingRule())
    placing.evaluate(conn, members, now)
    rules_store.delete_group(conn, group_id)
    _rank(conn)


def order_groups(conn: Connection, order: Sequence[int], now: Micros) -> None:
    """Give ranks 1, 2, ... in this order; it names every group but the default one. Raises InvalidField."""
    known = {one.id for one in rules_store.groups(conn)} - {UNGROUPED_ID}
    if sorted(order) != sorted(known):
        raise InvalidField("Name every device group but the default one, each once.", field="order")
    rules_store.rank_groups(conn, order)
    placing.evaluate(conn, None, now)


def write_tag_rule(conn: Connection, tag: str, rule: MatchingRule, now: Micros) -> int:
    """Make or replace the rule that gives a tag. Returns its id. Raises InvalidField, Conflict."""
    cleaned = clean_tag(tag)
    if not rule.conditions:
        raise InvalidField("Give at least one condition.", field="rule")
    known = rules_store.tag_rules(conn)
    if len(known) >= MAX_TAG_RULES and cleaned not in {one.tag for one in known}:
        raise Conflict(f"There are {MAX_TAG_RULES} tag rules already; delete one first.")
    made = rules_store.write_tag_rule(conn, cleaned, _checked(rule), now)
    placing.evaluate(conn, None, now)
    return made


def delete_tag_rule(conn: Connection, rule_id: int, now: Micros) -> str:
    """Remove a rule; its devices lose the tag unless they have it otherwise. Returns the tag. Raises NotFound."""
    tag = rules_store.delete_tag_rule(conn, rule_id)
    if tag is None:
        raise NotFound("There is no such tag rule; list them to see which there are.")
    placing.evaluate(conn, None, now)
    return tag


def _rank(conn: Connection) -> None:
    """Close gaps: ranks are 1, 2, ... and the default group comes last."""
    rules_store.rank_groups(conn, [one.id for one in rules_store.groups(conn) if one.id != UNGROUPED_ID])


def _checked(rule: MatchingRule) -> MatchingRule:
    if problem := problem_of(rule):
        raise InvalidField(f"The rule cannot be used: {problem}.", field="rule")
    return rule


def _existing(known: Sequence[GroupDetail], group_id: int) -> None:
    if group_id not in {one.id for one in known}:
        raise NotFound("There is no such device group; list them to see which there are.")


def _free_name(known: Sequence[GroupDetail], name: str, own: int | None) -> str:
    cleaned = " ".join(name.split())
    if not 0 < len(cleaned) <= MAX_NAME or not cleaned.isprintable():
        raise InvalidField(f"A name has 1 to {MAX_NAME} printable characters.", field="name")
    if any(one.name.casefold() == cleaned.casefold() and one.id != own for one in known):
        raise Conflict("There is a device group of that name already; choose another.")
    return cleaned
