"""Connections to ticketing systems: made by administrators, heard by verified callbacks."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.engine import Connection

from weakspot import access, remediation
from weakspot.access import Caller
from weakspot.remediation import Deliverer, Tracker
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import AccessError, Unavailable
from weakspot.runtime.vault import Vault

NOT_VERIFIED = "This callback is not signed as its tracker would sign it."


def add_tracker(
    database: Database, vault: Vault, actor: Caller, name: str, kind: str, values: Mapping[str, str], now: Micros
) -> Tracker:
    """Connect a tracker. Raises InvalidField, Conflict."""

    def unit(conn: Connection) -> Tracker:
        made = remediation.add_tracker(conn, vault, name, kind, values, now)
        access.record_audit(conn, now, actor, "tracker.add", str(made.id), {"kind": kind, "name": name})
        return made

    return database.write(unit)


def switch_tracker(database: Database, actor: Caller, tracker_id: int, is_enabled: bool, now: Micros) -> Tracker:
    """Switch it on or off. Raises NotFound."""

    def unit(conn: Connection) -> Tracker:
        found = remediation.switch_tracker(conn, tracker_id, is_enabled)
        access.record_audit(conn, now, actor, "tracker.switch", str(tracker_id), {"is_enabled": str(is_enabled)})
        return found

    return database.write(unit)


def remove_tracker(database: Database, actor: Caller, tracker_id: int, now: Micros) -> None:
    """Forget it. Raises NotFound."""

    def unit(conn: Connection) -> None:
        found = remediation.remove_tracker(conn, tracker_id)
        access.record_audit(conn, now, actor, "tracker.remove", str(tracker_id), {"name": found.name})

    database.write(unit)


def hear_tracker(
    database: Database, deliverer: Deliverer, tracker_id: int, headers: Mapping[str, str], body: bytes, now: Micros
) -> int:
    """Take a callback; how many states were news. Raises AccessError, with one text for all that is not verified."""
    with database.read() as conn:
        try:
            client = deliverer.client(conn, tracker_id)
            if client is None:
                raise AccessError(NOT_VERIFIED)
            signals = client.signals(headers, body)
        except (remediation.TrackerError, ValueError):
            raise AccessError(NOT_VERIFIED) from None
    try:
        known = [remediation.with_state(client, one) for one in signals]
    except remediation.TrackerError:
        raise Unavailable("The tracker does not say its state now; send the callback again later.") from None
    return database.write(lambda conn: remediation.hear_signals(conn, tracker_id, known, now))
