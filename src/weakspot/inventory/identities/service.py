"""Recognising devices, and what people decide about it: merge, keep apart, undo; and the end of devices."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import store as devices
from weakspot.inventory.contracts import DescribedDevice, HardwareId
from weakspot.inventory.identities import store
from weakspot.inventory.identities.store import Ended, IdentityEvent, MovedKeys
from weakspot.inventory.rules import identity, recognition
from weakspot.inventory.rules.recognition import Evidence, Rule
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.errors import Conflict, NotFound

FACTS_CHANGED = "inventory.device_facts"
CLONED_KEY = "cloned_key"
"""Two machines report with one key: the name of that event; ``recognition.CLONE`` is the rule behind it."""


class Recognised(msgspec.Struct, frozen=True):
    """Whom a description may be (best first), and of whom it is a clone or a distant relation."""

    own: tuple[tuple[int, Rule], ...]
    related: tuple[tuple[int, Rule], ...]


def recognise(conn: Connection, told: DescribedDevice, *, besides: int | None = None) -> Recognised:
    """Known devices that share hardware ids with a description; merged ones speak for what they were merged into."""
    sharing = devices.devices_with(conn, identity.strong_ids(told.hardware_ids))
    sharing.pop(besides or 0, None)
    known = store.hardware_ids(conn, sharing)
    ends = store.ended(conn, known)
    own, related = recognition.claims(known, told.hardware_ids)
    return Recognised(_there(own, ends, besides), _there(related, ends, besides))


def note_clone(conn: Connection, device_id: int, other: int, told: DescribedDevice, rule: Rule, now: Micros) -> None:
    """A new device turned out to share ids with another; it was kept apart, and people are told."""
    if not store.has_event(conn, rule.name, (device_id, other)):
        found = _evidence(conn, other, told)
        store.insert_event(conn, rule.name, (device_id, other), found, "open", now)


def note_taken_over(conn: Connection, device_id: int, told: DescribedDevice, rule: Rule, now: Micros) -> None:
    """A known device enrolled again, with its old key or an approval."""
    if rule is recognition.REIMAGED:
        store.insert_event(conn, rule.name, (device_id, None), _evidence(conn, device_id, told), "noted", now)


def note_cloned_key(conn: Connection, device_id: int, told: Iterable[HardwareId], now: Micros) -> bool:
    """Reports of other hardware came with a device's key; they are refused. Whether it is news, at most once a day."""
    if store.has_event(conn, CLONED_KEY, (device_id, None), now - DAY):
        return False
    known = store.hardware_ids(conn, [device_id]).get(device_id, [])
    found = recognition.evidence(known, told)
    store.insert_event(conn, CLONED_KEY, (device_id, None), found, "open", now)
    return True


def look_for_duplicates(conn: Connection, device_id: int, told: DescribedDevice, now: Micros) -> None:
    """A device tells of hardware ids that it had not told before: others with them may be the same device."""
    found = recognise(conn, told, besides=device_id)
    for other, rule in (*found.own, *found.related):
        if not any(store.has_event(conn, rule.name, pair) for pair in ((device_id, other), (other, device_id))):
            store.insert_event(conn, rule.name, (device_id, other), _evidence(conn, other, told), "open", now)


def merge(conn: Connection, device_id: int, into: int, by: str, reason: str, now: Micros) -> None:
    """One device turns out to be another: it leaves all lists, and what speaks for it speaks for the other.

    Its own history stays its own. Raises Conflict where either is no more, or both are one.
    """
    if device_id == into or store.ended(conn, [device_id, into]):
        raise Conflict("Only two devices that are both there can be merged.")
    keys, agents = store.good_keys(conn, device_id), store.agents_of(conn, device_id)
    # A second sensor key on one device would fight with the first one over the sequence of reports.
    moves = keys if not store.good_keys(conn, into) else []
    kept = MovedKeys(tuple(one for one in keys if one not in moves), tuple(moves), tuple(agents))
    store.revoke_keys(conn, kept.ended, now)
    store.move_keys(conn, kept.moved, into)
    store.move_agents(conn, kept.agents, into)
    end = Ended(device_id=device_id, kind="merged", into_device_id=into, ended_at=now, ended_by=by, reason=reason)
    store.insert_end(conn, end, kept)
    _tell(conn, (device_id, into), now)


def unmerge(conn: Connection, device_id: int, now: Micros) -> int:
    """Undo a merge: the device is there again with its keys. Returns what it was merged into. Raises NotFound."""
    end = store.ended(conn, [device_id]).get(device_id)
    if end is None or end.kind != "merged" or end.into_device_id is None:
        raise NotFound("This device is not merged into another; there is nothing to undo.")
    kept = store.delete_end(conn, device_id)
    store.revoke_keys(conn, kept.ended, None)
    store.move_keys(conn, kept.moved, device_id)
    store.move_agents(conn, kept.agents, device_id)
    _tell(conn, (device_id, end.into_device_id), now)
    return end.into_device_id


def decide(conn: Connection, event_id: int, decision: str, by: str, now: Micros) -> IdentityEvent:
    """Merge the two devices of an event, keep them apart, or undo a merge. Raises NotFound, Conflict."""
    event = store.event(conn, event_id)
    if event is None:
        raise NotFound("There is no such finding about device identity; list them to see which there are.")
    other = event.other_device_id
    if decision == "merge":
        if other is None or event.state == "merged":
            raise Conflict("There are no two devices here that could be merged.")
        merge(conn, event.device_id, other, by, recognition.BY_NAME[event.rule].text, now)
        store.decide_event(conn, event_id, "merged", by, now)
    elif decision == "undo":
        if event.state != "merged":
            raise Conflict("This was not merged; there is nothing to undo.")
        unmerge(conn, event.device_id, now)
        store.decide_event(conn, event_id, "undone", by, now)
    else:
        if event.state == "merged":
            raise Conflict("The devices are merged; undo that first.")
        store.decide_event(conn, event_id, "apart", by, now)
    return event


def remove(conn: Connection, device_id: int, by: str, reason: str, now: Micros) -> None:
    """A device is no more: its keys end, its hardware is forgotten, what was installed on it ended now.

    Its name and its past stay. Should it come back, it is a new device. Raises Conflict where it is no more.
    """
    if store.ended(conn, [device_id]):
        raise Conflict("The device was removed or merged before.")
    keys, agents = store.good_keys(conn, device_id), store.agents_of(conn, device_id)
    store.revoke_keys(conn, keys, now)
    store.revoke_agents(conn, agents, now)
    store.forget_hardware(conn, device_id)
    end = Ended(device_id=device_id, kind="removed", into_device_id=None, ended_at=now, ended_by=by, reason=reason)
    store.insert_end(conn, end, MovedKeys(tuple(keys), (), tuple(agents)))
    _tell(conn, (device_id,), now)


def _there(
    found: Iterable[tuple[int, Rule]], ends: dict[int, Ended], besides: int | None
) -> tuple[tuple[int, Rule], ...]:
    """Merged devices replaced by what they were merged into, removed ones left out."""
    kept: dict[int, Rule] = {}
    for device_id, rule in found:
        end = ends.get(device_id)
        target = device_id if end is None else end.into_device_id
        if target is not None and target != besides:
            kept.setdefault(target, rule)
    return tuple(kept.items())


def _evidence(conn: Connection, device_id: int, told: DescribedDevice) -> Evidence:
    return recognition.evidence(store.hardware_ids(conn, [device_id]).get(device_id, []), told.hardware_ids)


def _tell(conn: Connection, ids: Iterable[int], now: Micros) -> None:
    changes.append_many(conn, now, [(FACTS_CHANGED, {"device_id": one}) for one in ids])
