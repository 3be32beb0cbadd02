"""All SQL about scans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.scans.contracts import NewScan, Outcome, Run, Scan
from weakspot.inventory.scans.tables import scan, scan_key, scan_run
from weakspot.runtime.clock import Micros
from weakspot.runtime.compression import compress, decompress

KEPT_RUNS = 200
"""Runs of one scan that stay."""
_outcomes = msgspec.json.Decoder(tuple[Outcome, ...])
_targets = msgspec.json.Decoder(tuple[str, ...])
_COLUMNS = [column for column in scan.c if column.name != "sealed"]


def insert(conn: Connection, new: NewScan, at: Micros) -> int:
    """A scan whose credentials are still to come (``seal``). Returns its id."""
    values = {
        "name": new.name,
        "targets": msgspec.json.encode(new.targets),
        "username": new.username,
        "port": new.port,
        "every_hours": new.every_hours,
        "sealed": b"",
        "created_at": at,
    }
    number: int = conn.execute(scan.insert().values(values).returning(scan.c.id)).scalar_one()
    return number


def seal(conn: Connection, scan_id: int, sealed: bytes) -> None:
    """Keep the credentials."""
    conn.execute(scan.update().where(scan.c.id == scan_id).values(sealed=sealed))


def sealed(conn: Connection, scan_id: int) -> bytes | None:
    """The sealed credentials; None where there is no such scan."""
    return conn.execute(sa.select(scan.c.sealed).where(scan.c.id == scan_id)).scalar_one_or_none()


def is_name_taken(conn: Connection, name: str) -> bool:
    """Whether a scan has that name."""
    return conn.execute(sa.select(scan.c.id).where(scan.c.name == name)).first() is not None


def scans(conn: Connection, scan_id: int | None = None) -> list[Scan]:
    """All scans by name, or the one of that id."""
    query = sa.select(*_COLUMNS).order_by(scan.c.name)
    if scan_id is not None:
        query = query.where(scan.c.id == scan_id)
    return [_scan(row) for row in conn.execute(query)]


def delete(conn: Connection, scan_id: int) -> bool:
    """Forget a scan; its runs stay. False where there is none."""
    return conn.execute(scan.delete().where(scan.c.id == scan_id)).rowcount == 1


def write_run(
    conn: Connection, scan_id: int, kind: str, began: Micros, ended: Micros, outcomes: Iterable[Outcome]
) -> int:
    """Keep a run; the oldest ones over 200 go. Returns its id."""
    packed = compress(msgspec.json.encode(list(outcomes)))
    values = {"scan_id": scan_id, "kind": kind, "started_at": began, "ended_at": ended, "outcomes": packed}
    number: int = conn.execute(scan_run.insert().values(values).returning(scan_run.c.id)).scalar_one()
    if kind != "test":
        conn.execute(scan.update().where(scan.c.id == scan_id).values(last_run_at=began))
    mine = scan_run.c.scan_id == scan_id
    newest = sa.select(scan_run.c.id).where(mine).order_by(scan_run.c.id.desc()).limit(1).offset(KEPT_RUNS - 1)
    least = conn.execute(newest).scalar_one_or_none()
    if least is not None:
        conn.execute(scan_run.delete().where(mine, scan_run.c.id < least))
    return number


def runs(conn: Connection, scan_id: int, limit: int) -> list[Run]:
    """Runs of a scan, newest first."""
    query = sa.select(scan_run).where(scan_run.c.scan_id == scan_id).order_by(scan_run.c.id.desc()).limit(limit)
    return [
        Run(
            id=row.id,
            kind=row.kind,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcomes=_outcomes.decode(decompress(row.outcomes)),
        )
        for row in conn.execute(query)
    ]


def key(conn: Connection, address: str) -> str | None:
    """The public key of an address; None before its first contact."""
    return conn.execute(sa.select(scan_key.c.public_key).where(scan_key.c.address == address)).scalar_one_or_none()


def put_key(conn: Connection, address: str, public_key: str, at: Micros) -> None:
    """Know an address by this key from now on."""
    values = {"public_key": public_key, "pinned_at": at}
    if conn.execute(scan_key.update().where(scan_key.c.address == address).values(values)).rowcount == 0:
        conn.execute(scan_key.insert().values(address=address, **values))


def _scan(row: Any) -> Scan:
    return Scan(
        id=row.id,
        name=row.name,
        targets=_targets.decode(row.targets),
        username=row.username,
        port=row.port,
        every_hours=row.every_hours,
        created_at=row.created_at,
        last_run_at=row.last_run_at,
    )
