"""What people decide about devices: tags, group, value, criticality, reach, exclusion. Any number of them at once.

Each use case changes sets of devices and tells the followers once. The caller has checked scope and permission, and
writes the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import DeviceValue
from weakspot.inventory.labels import placing, rules_store, store
from weakspot.inventory.labels.context import settle_values
from weakspot.inventory.labels.contracts import (
    CRITICALITIES,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    NO_CRITICALITY,
    ChosenKind,
    Criticality,
)
from weakspot.inventory.tables import UNGROUPED_ID
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

MAX_REASON = 500


def change_tags(conn: Connection, ids: BitMap, add: Iterable[str], remove: Iterable[str], now: Micros) -> None:
    """Give and take tags. Taking a tag that a sensor or a rule gives has no effect. Raises InvalidField, Conflict."""
    adding, removing = [clean_tag(one) for one in add], [clean_tag(one) for one in remove]
    known = store.chosen(conn, "tag")
    if len(known.keys() | set(adding)) > MAX_TAGS:
        raise Conflict(f"There are {MAX_TAGS:,} tags already; remove some that nobody needs.")
    for tag in adding:
        store.write_chosen(conn, "tag", tag, known.get(tag, BitMap()) | ids)
    for tag in set(removing) - set(adding):
        left = known.get(tag, BitMap()) - ids
        if left:
            store.write_chosen(conn, "tag", tag, left)
        else:
            store.forget_chosen(conn, "tag", tag)
    placing.tell_labels(conn, ids, now)
    placing.evaluate(conn, ids, now)


def replace_tags(conn: Connection, device_id: int, tags: Iterable[str], now: Micros) -> None:
    """Make a device's manual tags these. Raises InvalidField, Conflict."""
    wanted = {clean_tag(one) for one in tags}
    had = {tag for tag, devices in store.chosen(conn, "tag").items() if device_id in devices}
    change_tags(conn, BitMap([device_id]), sorted(wanted - had), sorted(had - wanted), now)


def choose_value(conn: Connection, ids: BitMap, value: DeviceValue | None, now: Micros) -> None:
    """Set the device value; None: whatever the rules in force say, else Normal."""
    _choose(conn, "device_value", ids, value)
    settle_values(conn, ids, now)


def choose_criticality(conn: Connection, ids: BitMap, level: Criticality | None, *, is_none: bool, now: Micros) -> None:
    """Set the criticality; is_none: not critical whatever rules say; None without it: as the rules say."""
    assert level is None or level in CRITICALITIES
    _choose(conn, "criticality", ids, NO_CRITICALITY if is_none else level)
    placing.tell_labels(conn, ids, now)


def choose_internet_facing(conn: Connection, ids: BitMap, state: bool | None, now: Micros) -> None:
    """Say whether devices can be reached from the internet; None: as observed."""
    _choose(conn, "internet_facing", ids, None if state is None else "yes" if state else "no")
    placing.tell_labels(conn, ids, now)


def exclude(conn: Connection, ids: BitMap, reason: str | None, now: Micros) -> None:
    """Leave devices out of all pages and scores, for a reason; None: count them again. Raises InvalidField."""
    if reason is not None:
        reason = " ".join(reason.split())
        if not 0 < len(reason) <= MAX_REASON or not reason.isprintable():
            raise InvalidField(f"Give a reason of 1 to {MAX_REASON} printable characters.", field="reason")
    store.set_exclusion(conn, ids, reason is not None, reason)
    placing.tell_devices(conn, ids, now)


def place(conn: Connection, ids: BitMap, group_id: int | None, now: Micros) -> None:
    """Put devices into a group by hand; None: let the rules decide. A higher-ranked group that wants a device wins.

    Raises NotFound.
    """
    groups = {one.id for one in rules_store.groups(conn)}
    if group_id is not None and (group_id not in groups or group_id == UNGROUPED_ID):
        raise NotFound("There is no such device group that devices can be put into.", field="group_id")
    _choose(conn, "placed", ids, None if group_id is None else str(group_id))
    placing.evaluate(conn, ids, now)


def clean_tag(tag: str) -> str:
    """A tag as it is kept. Raises InvalidField."""
    cleaned = " ".join(tag.split())
    if not 0 < len(cleaned) <= MAX_TAG_LENGTH or not cleaned.isprintable():
        raise InvalidField(f"A tag has 1 to {MAX_TAG_LENGTH} printable characters.", field="tags")
    return cleaned


def _choose(conn: Connection, kind: ChosenKind, ids: BitMap, name: str | None) -> None:
    """Of the sets of one kind, these devices are in ``name`` only."""
    known = store.chosen(conn, kind)
    for other, devices in known.items():
        if other != name and devices & ids:
            store.write_chosen(conn, kind, other, devices - ids)
    if name is not None:
        store.write_chosen(conn, kind, name, known.get(name, BitMap()) | ids)
