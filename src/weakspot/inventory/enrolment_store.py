"""All SQL about enrolment tokens, requests, and the keys that devices were given."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.tables import device, device_key, enrolment_request, enrolment_token
from weakspot.runtime.clock import Micros
from weakspot.runtime.prepared import Keyed

_older = device_key.alias("older")
_holders = Keyed(
    sa.select(
        device_key.c.key_hash,
        device.c.id,
        device.c.public_id,
        sa.select(sa.func.count())
        .where(
            _older.c.device_id == device_key.c.device_id, _older.c.revoked_at.is_(None), _older.c.id < device_key.c.id
        )
        .scalar_subquery(),
    )
    .join(device_key, device_key.c.device_id == device.c.id)
    .where(device_key.c.revoked_at.is_(None)),
    device_key.c.key_hash,
)


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A takeover of a known device that waits for an administrator."""

    id: int
    device_id: str
    device_name: str
    described: DescribedDevice
    requested_at: Micros


def insert_token(conn: Connection, token_hash: bytes, name: str, uses: int, expires_at: Micros, now: Micros) -> None:
    """Keep a token's hash."""
    values = {
        "token_hash": token_hash,
        "name": name,
        "uses_left": uses,
        "expires_at": expires_at,
        "created_at": now,
    }
    conn.execute(enrolment_token.insert().values(values))


def spend_token(conn: Connection, token_hash: bytes, now: Micros, *, uses: int) -> bool:
    """Take ``uses`` off a good token (0: only look). False when the token is not good."""
    table = enrolment_token
    good = (
        (table.c.token_hash == token_hash)
        & (table.c.expires_at > now)
        & (table.c.uses_left > 0)
        & table.c.revoked_at.is_(None)
    )
    return conn.execute(table.update().where(good).values(uses_left=table.c.uses_left - uses)).rowcount == 1


def insert_request(
    conn: Connection, device_id: int, token_hash: bytes, described: DescribedDevice, now: Micros
) -> None:
    """A takeover to be decided."""
    values = {
        "claimed_device_id": device_id,
        "token_hash": token_hash,
        "described": msgspec.msgpack.encode(described),
        "requested_at": now,
    }
    conn.execute(enrolment_request.insert().values(values))


def open_request(conn: Connection, device_id: int, token_hash: bytes) -> bool:
    """Whether the same takeover waits already."""
    table = enrolment_request
    query = sa.select(table.c.id).where(_same(device_id, token_hash), table.c.decision.is_(None))
    return conn.execute(query.limit(1)).first() is not None


def consume_approval(conn: Connection, device_id: int, token_hash: bytes) -> str | None:
    """The decision on this takeover; an approval is good once and is marked as used."""
    table = enrolment_request
    query = (
        sa.select(table.c.id, table.c.decision)
        .where(_same(device_id, token_hash), table.c.decision.in_(("approved", "rejected", "separate")))
        .order_by(table.c.id.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    if row.decision != "rejected":
        conn.execute(table.update().where(table.c.id == row.id).values(decision="used"))
    return str(row.decision)


def pending(conn: Connection) -> list[Pending]:
    """Requests without a decision, oldest first."""
    table = enrolment_request
    query = (
        sa.select(table.c.id, table.c.described, table.c.requested_at, device.c.public_id, device.c.name)
        .join(device, device.c.id == table.c.claimed_device_id)
        .where(table.c.decision.is_(None))
        .order_by(table.c.id)
    )
    return [
        Pending(
            id=row.id,
            device_id=row.public_id,
            device_name=row.name,
            described=msgspec.msgpack.decode(row.described, type=DescribedDevice),
            requested_at=row.requested_at,
        )
        for row in conn.execute(query)
    ]


def decide(conn: Connection, request_id: int, decision: str, decided_by: str, now: Micros) -> bool:
    """Keep the decision. False when there is nothing to decide."""
    table = enrolment_request
    waiting = (table.c.id == request_id) & table.c.decision.is_(None)
    values = {"decision": decision, "decided_by": decided_by, "decided_at": now}
    return conn.execute(table.update().where(waiting).values(values)).rowcount == 1


def _same(device_id: int, token_hash: bytes) -> sa.ColumnElement[bool]:
    table = enrolment_request
    return (table.c.claimed_device_id == device_id) & (table.c.token_hash == token_hash)


def insert_key(conn: Connection, device_id: int, key_hash: bytes, at: Micros) -> None:
    """A new key; the device's earlier keys stay good until this one is used (``end_older_keys``)."""
    conn.execute(device_key.insert().values(device_id=device_id, key_hash=key_hash, created_at=at))


def end_older_keys(conn: Connection, device_id: int, key_hash: bytes, at: Micros) -> None:
    """This key is in use: the device has it, and those that it had before end."""
    this = sa.select(device_key.c.id).where(device_key.c.key_hash == key_hash).scalar_subquery()
    older = (device_key.c.device_id == device_id) & device_key.c.revoked_at.is_(None) & (device_key.c.id < this)
    conn.execute(device_key.update().where(older).values(revoked_at=at))


def devices_of_keys(conn: Connection, key_hashes: Iterable[bytes]) -> dict[bytes, tuple[int, str, int]]:
    """Key -> internal id and public id of the device that holds it, and how many older keys of it are still good.

    Keys that are not good are absent.
    """
    return {bytes(row[0]): (row[1], row[2], row[3]) for row in _holders.rows(conn, key_hashes)}


def device_of_key(conn: Connection, key_hash: bytes) -> tuple[int, str, int] | None:
    """As ``devices_of_keys``, for one; None when the key is not good."""
    return devices_of_keys(conn, [key_hash]).get(key_hash)
