"""Use cases of scans, each inside a unit of work that the caller gives."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from weakspot.inventory.scans import store
from weakspot.inventory.scans.contracts import NewScan, Outcome, Run, Scan
from weakspot.inventory.scans.rules import addresses_of
from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.runtime.vault import Vault

_HOUR = 3600 * SECOND


def add_scan(conn: Connection, vault: Vault, new: NewScan, now: Micros) -> Scan:
    """Keep a scan; its credentials are sealed. Raises InvalidField, Conflict (the name is taken)."""
    addresses_of(new.targets)
    if bool(new.password) == bool(new.private_key):
        raise InvalidField("Give a password or a private key.", field="password")
    if store.is_name_taken(conn, new.name):
        raise Conflict(f"There is a scan named {new.name!r} already; choose another name, or remove that one first.")
    scan_id = store.insert(conn, new, now)
    secrets = {"password": new.password, "private_key": new.private_key, "passphrase": new.passphrase}
    store.seal(conn, scan_id, vault.seal({k: v for k, v in secrets.items() if v}, _purpose(scan_id)))
    return find_scan(conn, scan_id)


def list_scans(conn: Connection) -> list[Scan]:
    """All scans, by name."""
    return store.scans(conn)


def find_scan(conn: Connection, scan_id: int) -> Scan:
    """One scan. Raises NotFound."""
    found = store.scans(conn, scan_id)
    if not found:
        raise NotFound("There is no such scan; list them to see which there are.")
    return found[0]


def credentials(conn: Connection, vault: Vault, scan_id: int) -> dict[str, str]:
    """``password``, or ``private_key`` and ``passphrase``. Raises NotFound, Unavailable."""
    sealed = store.sealed(conn, scan_id)
    if sealed is None:
        raise NotFound("There is no such scan; list them to see which there are.")
    return vault.open(sealed, _purpose(scan_id))


def remove_scan(conn: Connection, scan_id: int) -> None:
    """Forget a scan with its credentials. Raises NotFound."""
    if not store.delete(conn, scan_id):
        raise NotFound("There is no such scan; list them to see which there are.")


def due(conn: Connection, now: Micros) -> list[Scan]:
    """Scans whose time has come, the longest waiting first."""
    waiting = [
        (one.last_run_at or 0, one)
        for one in store.scans(conn)
        if one.every_hours and (one.last_run_at is None or one.last_run_at + one.every_hours * _HOUR <= now)
    ]
    return [one for _, one in sorted(waiting, key=lambda pair: (pair[0], pair[1].id))]


def record_run(
    conn: Connection, scan_id: int, kind: str, began: Micros, ended: Micros, outcomes: Sequence[Outcome]
) -> int:
    """Keep what a run brought. Returns its id."""
    return store.write_run(conn, scan_id, kind, began, ended, outcomes)


def runs(conn: Connection, scan_id: int, limit: int = 50) -> list[Run]:
    """Newest first."""
    return store.runs(conn, scan_id, limit)


def pinned_key(conn: Connection, address: str, port: int) -> str | None:
    """The key by which an address is known, in OpenSSH form; None before its first contact."""
    return store.key(conn, f"{address}:{port}")


def pin_key(conn: Connection, address: str, port: int, public_key: str, now: Micros) -> None:
    """Trust on first use. Another key than the pinned one is not put in its place. Raises Conflict."""
    known = store.key(conn, f"{address}:{port}")
    if known is not None and known != public_key:
        raise Conflict(f"{address} is known by another key; accept the new one first.")
    store.put_key(conn, f"{address}:{port}", public_key, now)


def accept_key(conn: Connection, address: str, port: int, public_key: str, now: Micros) -> None:
    """A person looked at the key and trusts it from now on."""
    store.put_key(conn, f"{address}:{port}", public_key, now)


def _purpose(scan_id: int) -> str:
    return f"scan:{scan_id}"
