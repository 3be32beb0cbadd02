"""What people decide about devices and groups: checked against their scope, audited, in force with the commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.access import Caller, Scope
from weakspot.inventory import labels
from weakspot.inventory.contracts import DeviceValue
from weakspot.inventory.rules.context import Criticality
from weakspot.inventory.rules.grouping import MatchingRule
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Forbidden, InvalidField, NotFound

MAX_IDS = 500
NAMED_IN_AUDIT = 50

Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
PublicId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Selection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which devices: by id, or all of some groups, or all with one of some tags. All three together are one set."""

    ids: Annotated[tuple[PublicId, ...], msgspec.Meta(max_length=MAX_IDS)] = ()
    groups: Annotated[tuple[int, ...], msgspec.Meta(max_length=1_000)] = ()
    tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=100)] = ()


class DeviceTags(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tags to give to devices and to take from them; of the latter only those that people gave."""

    devices: Selection
    add_tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=20)] = ()
    remove_tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=20)] = ()
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class DeviceDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision about many devices; what is absent stays as it is, ``unset`` goes back to what rules say."""

    devices: Selection
    add_tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=20)] = ()
    remove_tags: Annotated[tuple[Tag, ...], msgspec.Meta(max_length=20)] = ()
    value: DeviceValue | Literal["unset"] | None = None
    criticality: Criticality | Literal["None", "unset"] | None = None
    internet_facing: Literal["yes", "no", "unset"] | None = None
    group_id: int | Literal["unset"] | None = None
    is_excluded: bool | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Why; needed to exclude devices, and kept in the audit log with every decision."""


def decide_devices(database: Database, actor: Caller, asked: DeviceDecision, now: Micros) -> int:
    """Carry out a decision about devices of the caller's scope. Returns how many devices it is about.

    Raises NotFound (a device, group or tag that the caller may not see), InvalidField, Conflict; then nothing changed.
    """

    def unit(conn: Connection) -> int:
        ids = selected(conn, actor.scope, asked.devices)
        if not ids:
            raise NotFound("There is no such device among those you may see; nothing was changed.")
        _decide(conn, actor, ids, asked, now)
        access.record_audit(conn, now, actor, "device.decide", _target(asked.devices, ids), _details(asked))
        return len(ids)

    return database.write(unit)


def selected(conn: Connection, scope: Scope, selection: Selection) -> BitMap:
    """The devices meant, all inside the scope. Raises NotFound for one, or a group, that is not."""
    found = BitMap()
    if selection.ids:
        known = labels.located(conn, [one.lower() for one in selection.ids])
        for public_id in selection.ids:
            device_id, group_id = known.get(public_id.lower(), (0, 0))
            if not device_id or not scope.includes(group_id):
                raise NotFound("One of the devices is not among those you may see; nothing was changed.")
            found.add(device_id)
    if selection.groups:
        there = {one.id for one in inventory.groups(conn)}
        if any(one not in there or not scope.includes(one) for one in selection.groups):
            raise NotFound("One of the device groups is not among those you may see; nothing was changed.")
        found |= labels.members(conn, selection.groups)
    if selection.tags:
        tags = labels.all_tags(conn)
        tagged = BitMap.union(BitMap(), *(tags.get(tag, BitMap()) for tag in selection.tags))
        found |= tagged & _visible(conn, scope)
    return found


def create_group(
    database: Database, actor: Caller, name: str, description: str, rule: MatchingRule, now: Micros
) -> int:
    """A new device group, in force at once. Raises Forbidden, InvalidField, Conflict."""

    def unit(conn: Connection) -> int:
        _whole_fleet(actor)
        made = labels.create_group(conn, name, description, rule, now)
        access.record_audit(conn, now, actor, "device_group.create", f"device_group:{made}", _said(name, rule))
        return made

    return database.write(unit)


def change_group(
    database: Database, actor: Caller, group_id: int, name: str, description: str, rule: MatchingRule, now: Micros
) -> None:
    """Replace name, description and rule. Raises Forbidden, NotFound, InvalidField, Conflict."""

    def unit(conn: Connection) -> None:
        _whole_fleet(actor)
        labels.change_group(conn, group_id, name, description, rule, now)
        access.record_audit(conn, now, actor, "device_group.change", f"device_group:{group_id}", _said(name, rule))

    database.write(unit)


def delete_group(database: Database, actor: Caller, group_id: int, now: Micros) -> None:
    """Remove a group. Raises Forbidden, NotFound, Conflict."""

    def unit(conn: Connection) -> None:
        _whole_fleet(actor)
        labels.delete_group(conn, group_id, now)
        access.record_audit(conn, now, actor, "device_group.delete", f"device_group:{group_id}")

    database.write(unit)


def order_groups(database: Database, actor: Caller, order: Sequence[int], now: Micros) -> None:
    """Give the groups their ranks. Raises Forbidden, InvalidField."""

    def unit(conn: Connection) -> None:
        _whole_fleet(actor)
        labels.order_groups(conn, order, now)
        details = {"order": ",".join(str(one) for one in order)}
        access.record_audit(conn, now, actor, "device_group.order", "device_groups", details)

    database.write(unit)


def write_tag_rule(database: Database, actor: Caller, tag: str, rule: MatchingRule, now: Micros) -> int:
    """Give a tag by a rule. Returns the rule's id. Raises Forbidden, InvalidField, Conflict."""

    def unit(conn: Connection) -> int:
        _whole_fleet(actor)
        made = labels.write_tag_rule(conn, tag, rule, now)
        access.record_audit(conn, now, actor, "tag_rule.write", f"tag_rule:{made}", _said(tag, rule))
        return made

    return database.write(unit)


def delete_tag_rule(database: Database, actor: Caller, rule_id: int, now: Micros) -> None:
    """Remove a tag rule. Raises Forbidden, NotFound."""

    def unit(conn: Connection) -> None:
        _whole_fleet(actor)
        tag = labels.delete_tag_rule(conn, rule_id, now)
        access.record_audit(conn, now, actor, "tag_rule.delete", f"tag_rule:{rule_id}", {"tag": tag})

    database.write(unit)


def change_machine(
    database: Database,
    actor: Caller,
    device_id: int,
    *,
    value: DeviceValue | None,
    tags: Sequence[str] | None,
    now: Micros,
) -> None:
    """As the compatible API's PATCH: a value, or the whole list of manual tags. The caller has checked the scope."""

    def unit(conn: Connection) -> None:
        mine = BitMap([device_id])
        if value is not None:
            labels.choose_value(conn, mine, value, now)
        if tags is not None:
            labels.replace_tags(conn, device_id, tags, now)
        details = ({} if value is None else {"value": value}) | ({} if tags is None else {"tags": "\n".join(tags)})
        access.record_audit(conn, now, actor, "device.decide", f"device:{device_id}", details)

    database.write(unit)


def _decide(conn: Connection, actor: Caller, ids: BitMap, asked: DeviceDecision, now: Micros) -> None:
    if asked.add_tags or asked.remove_tags:
        labels.change_tags(conn, ids, asked.add_tags, asked.remove_tags, now)
    if asked.value is not None:
        labels.choose_value(conn, ids, None if asked.value == "unset" else asked.value, now)
    if asked.criticality is not None:
        level = None if asked.criticality == "None" or asked.criticality == "unset" else asked.criticality
        labels.choose_criticality(conn, ids, level, is_none=asked.criticality == "None", now=now)
    if asked.internet_facing is not None:
        facing = None if asked.internet_facing == "unset" else asked.internet_facing == "yes"
        labels.choose_internet_facing(conn, ids, facing, now)
    if asked.is_excluded is not None:
        if asked.is_excluded and not asked.reason.strip():
            raise InvalidField("Give the reason why the devices are excluded.", field="reason")
        labels.exclude(conn, ids, asked.reason if asked.is_excluded else None, now)
    if asked.group_id is not None:
        _whole_fleet(actor)  # a device may come into, or leave, groups that somebody else looks after
        labels.place(conn, ids, None if asked.group_id == "unset" else asked.group_id, now)


def _visible(conn: Connection, scope: Scope) -> BitMap:
    groups = [one.id for one in inventory.groups(conn) if scope.includes(one.id)]
    return labels.members(conn, groups)


def _whole_fleet(actor: Caller) -> None:
    if actor.scope.group_ids is not None:
        raise Forbidden(
            "Device groups and rules concern the whole fleet; only somebody who sees all groups may change them."
        )


def _target(selection: Selection, ids: BitMap) -> str:
    if not selection.groups and not selection.tags:
        named = ",".join(selection.ids[:NAMED_IN_AUDIT])
        return f"devices:{named}" + ("" if len(ids) <= NAMED_IN_AUDIT else f" and {len(ids) - NAMED_IN_AUDIT} more")
    parts = [f"group:{one}" for one in selection.groups] + [f"tag:{one}" for one in selection.tags]
    return f"{len(ids)} devices of {', '.join(parts)}"[:2_000]


def _details(asked: DeviceDecision) -> dict[str, str]:
    given = {
        "add_tags": "\n".join(asked.add_tags),
        "remove_tags": "\n".join(asked.remove_tags),
        "value": asked.value or "",
        "criticality": asked.criticality or "",
        "internet_facing": asked.internet_facing or "",
        "group_id": "" if asked.group_id is None else str(asked.group_id),
        "is_excluded": "" if asked.is_excluded is None else str(asked.is_excluded).lower(),
        "reason": asked.reason,
    }
    return {name: text for name, text in given.items() if text}


def _said(name: str, rule: MatchingRule) -> dict[str, str]:
    return {"name": name, "rule": msgspec.json.encode(rule).decode()}
