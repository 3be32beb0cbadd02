"""All SQL about the sources of a device and the agents that speak for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.tables import agent, device, part
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Prepared

_described = msgspec.msgpack.Decoder(DescribedDevice)
_device_id: sa.BindParameter[int] = sa.bindparam("device_id")
_COLUMNS = ("source", "installations", "described", "state", "reported_at", "seen_at", "ended_at")
_parts = Prepared(sa.select(*(part.c[name] for name in _COLUMNS)).where(part.c.device_id == _device_id))


class StoredPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one source of a device said last. ``state`` belongs to the source's protocol."""

    source: str
    ids: frozenset[int]
    described: DescribedDevice
    state: bytes
    reported_at: Micros
    seen_at: Micros
    ended_at: Micros | None = None


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign agent. ``key_hash`` None: a name of uploads, which the uploader's own rights guard."""

    id: int
    source: str
    external_id: str
    device_id: int
    public_id: str
    key_hash: bytes | None


def parts(conn: Connection, device_id: int) -> dict[str, StoredPart]:
    """The parts of a device by source; empty where its sensor is the only source."""
    return {row[0]: _part(row) for row in _parts.rows(conn, {"device_id": device_id})}


def write_part(conn: Connection, device_id: int, kept: StoredPart) -> None:
    """Replace or add one part."""
    ids = np.array(sorted(kept.ids), np.uint32)
    values: dict[str, Any] = {
        "installations": packing.pack(ids, np.zeros(len(ids), np.int64)),
        "described": msgspec.msgpack.encode(kept.described),
        "state": kept.state,
        "reported_at": kept.reported_at,
        "seen_at": kept.seen_at,
        "ended_at": kept.ended_at,
    }
    this = (part.c.device_id == device_id) & (part.c.source == kept.source)
    if conn.execute(part.update().where(this).values(values)).rowcount == 0:
        conn.execute(part.insert().values(device_id=device_id, source=kept.source, **values))


def write_state(conn: Connection, device_id: int, source: str, state: bytes) -> None:
    """Replace the state of a part that is there."""
    this = (part.c.device_id == device_id) & (part.c.source == source)
    conn.execute(part.update().where(this).values(state=state))


def remove_part(conn: Connection, device_id: int, source: str) -> bool:
    """Forget one part. False where there is none."""
    this = (part.c.device_id == device_id) & (part.c.source == source)
    return conn.execute(part.delete().where(this)).rowcount == 1


def write_contacts(conn: Connection, seen: Mapping[tuple[int, str], Micros]) -> None:
    """Last contacts of sources, many at once."""
    rows = [{"d": device_id, "s": source, "at": at} for (device_id, source), at in seen.items()]
    if rows:
        this = (part.c.device_id == sa.bindparam("d")) & (part.c.source == sa.bindparam("s"))
        later = part.update().where(this, part.c.seen_at < sa.bindparam("at"))
        conn.execute(later.values(seen_at=sa.bindparam("at")), rows)


def write_sensor_contacts(conn: Connection, device_ids: Iterable[int], at: Micros) -> None:
    """Sensors that were heard of, on devices that have other sources too."""
    for chunk in in_chunks(device_ids):
        this = part.c.device_id.in_(chunk) & (part.c.source == "sensor") & (part.c.seen_at < at)
        conn.execute(part.update().where(this).values(seen_at=at))


def devices_with_silent_parts(conn: Connection, horizon: Micros) -> list[int]:
    """Devices that have a source which was not heard of since, ascending."""
    query = sa.select(part.c.device_id).where(part.c.seen_at < horizon, part.c.ended_at.is_(None)).distinct()
    return sorted(conn.execute(query).scalars())


def find_agent(conn: Connection, source: str, external_id: str) -> AgentRow | None:
    """The agent of that source and name."""
    return _agent(conn, (agent.c.source == source) & (agent.c.external_id == external_id))


def agent_of_key(conn: Connection, source: str, key_hash: bytes) -> AgentRow | None:
    """The agent that holds this key; None when the key is not good."""
    return _agent(conn, (agent.c.source == source) & (agent.c.key_hash == key_hash))


def put_agent(
    conn: Connection, source: str, external_id: str, device_id: int, key_hash: bytes | None, at: Micros
) -> None:
    """A new agent, or a new device and key of a known one; the old key ends."""
    this = (agent.c.source == source) & (agent.c.external_id == external_id)
    values = {"device_id": device_id, "key_hash": key_hash, "created_at": at, "revoked_at": None}
    if conn.execute(agent.update().where(this).values(values)).rowcount == 0:
        conn.execute(agent.insert().values(source=source, external_id=external_id, **values))


def revoke_agents(conn: Connection, device_id: int, source: str, at: Micros) -> int:
    """The keys of a device's agents of that source end. Returns how many did."""
    this = (agent.c.device_id == device_id) & (agent.c.source == source) & agent.c.revoked_at.is_(None)
    return conn.execute(agent.update().where(this).values(revoked_at=at)).rowcount


def _agent(conn: Connection, this: sa.ColumnElement[bool]) -> AgentRow | None:
    query = (
        sa.select(
            agent.c.id, agent.c.source, agent.c.external_id, agent.c.device_id, device.c.public_id, agent.c.key_hash
        )
        .join(device, device.c.id == agent.c.device_id)
        .where(this, agent.c.revoked_at.is_(None))
    )
    row = conn.execute(query).first()
    return None if row is None else AgentRow(**row._mapping)


def _part(row: Any) -> StoredPart:
    source, installations, described, state, reported_at, seen_at, ended_at = row
    return StoredPart(
        source=source,
        ids=frozenset(packing.unpack(installations)[0].tolist()),
        described=_described.decode(described),
        state=state,
        reported_at=reported_at,
        seen_at=seen_at,
        ended_at=ended_at,
    )
