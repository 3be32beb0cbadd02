"""The end of devices: by a person, or because they were silent for longer than the retention time."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import history, identities, packing, part_store, settings, state_store, store, troubles
from weakspot.inventory.rules import identity
from weakspot.inventory.service import DEVICE_CHANGED
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros

AT_ONCE = 500
"""Devices that one unit of work removes; the next one goes on."""
FEED_DAYS = 180
"""So long the change feed keeps which report brought a change."""


def remove_device(conn: Connection, device_id: int, by: str, reason: str, now: Micros) -> None:
    """A device leaves: installations and keys end, its hardware is forgotten, its past stays. Raises Conflict."""
    identities.remove(conn, device_id, by, reason, now)
    for source in part_store.parts(conn, device_id):
        part_store.remove_part(conn, device_id, source)
    settings.forget_all(conn, device_id, now)
    troubles.forget(conn, device_id)
    stored = state_store.state(conn, device_id)
    if stored is None:
        return
    state, installations = stored
    ids, first_seen = packing.unpack(installations)
    at = max(now, state.observed_at + 1)
    ended = zip(ids.tolist(), first_seen.tolist(), strict=True)
    state_store.insert_ended(conn, ((device_id, version, since, at) for version, since in ended))
    emptied = msgspec.structs.replace(state, digest=identity.digest_of(()), observed_at=at)
    state_store.write_states(conn, {device_id: (emptied, packing.empty())})
    state_store.write_evidence(conn, {device_id: {}})
    changes.append(conn, now, DEVICE_CHANGED, {"device_id": device_id, "added": [], "removed": ids.tolist()})


def remove_silent(conn: Connection, days: int, now: Micros) -> list[int]:
    """Remove devices that were silent for over ``days`` days, up to 500. Returns them; days 0: none."""
    if days == 0:
        return []
    gone = store.silent_there(conn, now - days * DAY, AT_ONCE)
    for device_id in gone:
        remove_device(conn, device_id, "retention", f"silent for over {days} days", now)
    return gone


def prune_feed(conn: Connection, now: Micros) -> int:
    """Forget which report brought changes of over half a year ago. Returns how many rows."""
    return history.prune(conn, now - FEED_DAYS * DAY)
