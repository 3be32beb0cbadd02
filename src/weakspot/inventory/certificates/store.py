"""All SQL of the certificates: each distinct one once, and one packed row a device that tells them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.certificates.contracts import Holdings, KnownCertificate
from weakspot.inventory.certificates.tables import certificate, device_certificates
from weakspot.inventory.detail_contracts import Certificate
from weakspot.inventory.rules.certificates import moment
from weakspot.runtime.prepared import Inserted, Keyed, Prepared

_TOLD = ("sha256", "subject", "issuer", "serial", "not_before_at", "not_after_at", "key_type", "key_bits", "signature")
_ID: Final = np.dtype("<u4")
_FEW = 5_000
_DEVICES_AT_ONCE = 2_000

_id_of = Keyed(sa.select(certificate.c.identity_hash, certificate.c.id), certificate.c.identity_hash)
_inserted = Inserted(certificate, ("identity_hash", *_TOLD))
_written = Inserted(device_certificates, ("device_id", "certificates", "revision"), key=("device_id",))
_newest = Prepared(sa.select(sa.func.max(device_certificates.c.revision)))
_known = sa.select(certificate.c.id, *(certificate.c[name] for name in _TOLD)).order_by(certificate.c.id)
_known_by_id = Keyed(_known, certificate.c.id)


def record(conn: Connection, device_id: int, told: Sequence[Certificate]) -> None:
    """Replace what a device tells; an empty list is a device without certificates. In the writer's transaction."""
    packed = np.array(sorted(_interned(conn, told)), _ID).tobytes()
    _written.write(conn, [(device_id, packed, revision(conn) + 1)])


def revision(conn: Connection) -> int:
    """Of the row that was written last; 0 before the first. Writers take turns, so a later row has a higher one."""
    row = _newest.first(conn, {})
    return int(row[0] or 0) if row is not None else 0


def devices_changed(conn: Connection, after: int) -> BitMap:
    """Devices whose row was written after a revision."""
    query = sa.select(device_certificates.c.device_id).where(device_certificates.c.revision > after)
    return BitMap([row[0] for row in conn.execute(query)])


def holdings(conn: Connection, after: int) -> Iterator[Holdings]:
    """What the devices tell whose row was written after a revision, a bounded number of them at a time."""
    table = device_certificates
    query = sa.select(table.c.device_id, table.c.certificates).where(table.c.revision > after)
    for rows in conn.execute(query.execution_options(yield_per=_DEVICES_AT_ONCE)).partitions():
        devices, packed = zip(*rows, strict=True)
        sizes = [len(one) // _ID.itemsize for one in packed]
        yield Holdings(np.frombuffer(b"".join(packed), _ID), np.repeat(np.array(devices, np.uint32), sizes))


def certificates(conn: Connection, ids: Sequence[int]) -> list[KnownCertificate]:
    """Certificates by their ids, ascending; a certificate's row never changes."""
    wanted = set(ids)
    if len(wanted) <= _FEW:
        rows: Iterable[Sequence[object]] = _known_by_id.rows(conn, sorted(wanted))
    else:
        rows = (row for row in conn.execute(_known.execution_options(yield_per=5_000)) if row.id in wanted)
    return [KnownCertificate(*row) for row in rows]  # type: ignore[arg-type]


def _interned(conn: Connection, told: Iterable[Certificate]) -> set[int]:
    wanted = {_hash(one): one for one in told}
    found = _ids(conn, wanted)
    fresh = [hashed for hashed in wanted if hashed not in found]
    if fresh:
        _inserted.write(conn, [(hashed, *_row(wanted[hashed])) for hashed in fresh])
        found |= _ids(conn, fresh)
    return set(found.values())


def _ids(conn: Connection, hashes: Iterable[bytes]) -> dict[bytes, int]:
    return {bytes(hashed): int(number) for hashed, number in _id_of.rows(conn, hashes)}


def _row(one: Certificate) -> tuple[int | str | None, ...]:
    begins, ends = moment(one.not_before), moment(one.not_after)
    return (
        one.sha256, one.subject, one.issuer, one.serial, begins, ends, one.key_type, one.key_bits, one.signature,
    )  # fmt: skip


def _hash(one: Certificate) -> bytes:
    """Of what it says: who tells something else of the same digest is told apart. Where it lies is the device's."""
    return hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.replace(one, store=""))).digest()
