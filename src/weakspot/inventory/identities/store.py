"""All SQL about device identity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import HardwareId
from weakspot.inventory.identities.tables import device_end, identity_event
from weakspot.inventory.rules.recognition import Evidence
from weakspot.inventory.tables import agent, device_key, hardware_id
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

EventState = Literal["open", "noted", "merged", "apart", "undone"]
_evidence = msgspec.json.Decoder(Evidence)


class IdentityEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something found about who is whom. ``other_device_id``: the device that it was known as before."""

    id: int
    rule: str
    device_id: int
    other_device_id: int | None
    evidence: Evidence
    found_at: Micros
    state: EventState
    decided_by: str | None
    decided_at: Micros | None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A device that is no more."""

    device_id: int
    kind: Literal["merged", "removed"]
    into_device_id: int | None
    ended_at: Micros
    ended_by: str
    reason: str


class MovedKeys(msgspec.Struct, frozen=True):
    """Ids of keys and agents that ended with a device, or that moved with it."""

    ended: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    agents: tuple[int, ...] = ()


def hardware_ids(conn: Connection, device_ids: Iterable[int]) -> dict[int, list[HardwareId]]:
    """All hardware ids of some devices."""
    found: dict[int, list[HardwareId]] = {}
    for chunk in in_chunks(device_ids):
        for row in conn.execute(sa.select(hardware_id).where(hardware_id.c.device_id.in_(chunk))):
            found.setdefault(row.device_id, []).append(HardwareId(row.kind, row.value))
    return found


def ended(conn: Connection, device_ids: Iterable[int]) -> dict[int, Ended]:
    """Those of some devices that are no more."""
    names = Ended.__struct_fields__
    found: dict[int, Ended] = {}
    for chunk in in_chunks(device_ids):
        query = sa.select(device_end).where(device_end.c.device_id.in_(chunk))
        for row in conn.execute(query):
            found[row.device_id] = Ended(**{name: row._mapping[name] for name in names})
    return found


def merged(conn: Connection) -> list[Ended]:
    """Devices that somebody said to be another one, the newest merge first."""
    table = device_end
    columns = [table.c[name] for name in Ended.__struct_fields__]
    query = sa.select(*columns).where(table.c.kind == "merged").order_by(table.c.ended_at.desc(), table.c.device_id)
    return [Ended(**row._mapping) for row in conn.execute(query)]


def insert_end(conn: Connection, end: Ended, keys: MovedKeys) -> None:
    """A device is no more."""
    conn.execute(device_end.insert().values(msgspec.structs.asdict(end) | {"keys": msgspec.json.encode(keys)}))


def delete_end(conn: Connection, device_id: int) -> MovedKeys:
    """It is there again. Returns what had ended or moved with it."""
    mine = device_end.c.device_id == device_id
    data = conn.execute(sa.select(device_end.c["keys"]).where(mine)).scalar_one()
    conn.execute(device_end.delete().where(mine))
    return msgspec.json.decode(data, type=MovedKeys)


def good_keys(conn: Connection, device_id: int) -> list[int]:
    """Ids of a device's keys that are good."""
    query = sa.select(device_key.c.id).where(device_key.c.device_id == device_id, device_key.c.revoked_at.is_(None))
    return list(conn.execute(query).scalars())


def revoke_keys(conn: Connection, ids: Iterable[int], at: Micros | None) -> None:
    """These keys end; at None: they are good again."""
    conn.execute(device_key.update().where(device_key.c.id.in_(list(ids))).values(revoked_at=at))


def move_keys(conn: Connection, ids: Iterable[int], device_id: int) -> None:
    """These keys speak for another device."""
    conn.execute(device_key.update().where(device_key.c.id.in_(list(ids))).values(device_id=device_id))


def agents_of(conn: Connection, device_id: int) -> list[int]:
    """Ids of the foreign agents that speak for a device."""
    query = sa.select(agent.c.id).where(agent.c.device_id == device_id, agent.c.revoked_at.is_(None))
    return list(conn.execute(query).scalars())


def move_agents(conn: Connection, ids: Iterable[int], device_id: int) -> None:
    """These agents speak for another device."""
    conn.execute(agent.update().where(agent.c.id.in_(list(ids))).values(device_id=device_id))


def revoke_agents(conn: Connection, ids: Iterable[int], at: Micros) -> None:
    """These agents are listened to no more."""
    conn.execute(agent.update().where(agent.c.id.in_(list(ids))).values(revoked_at=at))


def forget_hardware(conn: Connection, device_id: int) -> None:
    """What comes with this hardware from now on is a new device."""
    conn.execute(hardware_id.delete().where(hardware_id.c.device_id == device_id))


def insert_event(
    conn: Connection, rule: str, pair: tuple[int, int | None], evidence: Evidence, state: EventState, at: Micros
) -> int:
    """Keep what was found. Returns its id."""
    values = {
        "rule": rule,
        "device_id": pair[0],
        "other_device_id": pair[1],
        "evidence": msgspec.json.encode(evidence),
        "found_at": at,
        "state": state,
    }
    return int(conn.execute(identity_event.insert().values(values).returning(identity_event.c.id)).scalar_one())


def has_event(conn: Connection, rule: str, pair: tuple[int, int | None], since: Micros = 0) -> bool:
    """Whether this was found before."""
    table = identity_event
    query = sa.select(table.c.id).where(
        table.c.rule == rule,
        table.c.device_id == pair[0],
        table.c.other_device_id.is_(None) if pair[1] is None else table.c.other_device_id == pair[1],
        table.c.found_at >= since,
    )
    return conn.execute(query.limit(1)).first() is not None


def events(conn: Connection, device_id: int | None = None, *, limit: int = 1_000) -> Sequence[IdentityEvent]:
    """What was found, of one device or of all; what is open comes first, then the newest."""
    table = identity_event
    query = sa.select(table).order_by(table.c.state != "open", table.c.id.desc()).limit(limit)
    if device_id is not None:
        query = query.where((table.c.device_id == device_id) | (table.c.other_device_id == device_id))
    return [_event(row) for row in conn.execute(query)]


def event(conn: Connection, event_id: int) -> IdentityEvent | None:
    """One of them."""
    row = conn.execute(sa.select(identity_event).where(identity_event.c.id == event_id)).first()
    return None if row is None else _event(row)


def decide_event(conn: Connection, event_id: int, state: EventState, by: str, at: Micros) -> None:
    """What was decided."""
    values = {"state": state, "decided_by": by, "decided_at": at}
    conn.execute(identity_event.update().where(identity_event.c.id == event_id).values(values))


def _event(row: Any) -> IdentityEvent:
    values = dict(row._mapping)
    return IdentityEvent(**(values | {"evidence": _evidence.decode(values["evidence"])}))
