"""What people decide about who is whom, and the end of devices: inside their scope, audited."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.access import Caller, Scope
from weakspot.inventory import identities, retention
from weakspot.inventory.contracts import Device
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import NotFound
from weakspot.workflows.services import Services

IdentityDecision = Literal["merge", "keep_apart", "undo"]


def decide_identity(database: Database, actor: Caller, event_id: int, decision: IdentityDecision, now: Micros) -> None:
    """Merge, keep apart or undo. Raises NotFound (also for a device outside the scope), Conflict."""

    def unit(conn: Connection) -> None:
        event = identities.decide(conn, event_id, decision, actor.name, now)
        for device_id in (event.device_id, event.other_device_id):
            if device_id is not None:
                _visible(actor.scope, inventory.device(conn, device_id))
        details = {"rule": event.rule, "devices": f"{event.device_id},{event.other_device_id or ''}"}
        access.record_audit(conn, now, actor, f"identity.{decision}", f"identity_event:{event_id}", details)

    database.write(unit)


def merge_devices(database: Database, actor: Caller, public_id: str, into: str, reason: str, now: Micros) -> None:
    """One device is another, says a person. Raises NotFound, Conflict."""

    def unit(conn: Connection) -> None:
        ids = [_visible(actor.scope, inventory.device_by_public_id(conn, one)).id for one in (public_id, into)]
        identities.merge(conn, ids[0], ids[1], actor.name, reason, now)
        access.record_audit(conn, now, actor, "device.merge", f"device:{public_id}", {"into": into, "reason": reason})

    database.write(unit)


def unmerge_device(database: Database, actor: Caller, public_id: str, now: Micros) -> None:
    """Undo a merge. Raises NotFound."""

    def unit(conn: Connection) -> None:
        device = _visible(actor.scope, inventory.device_by_public_id(conn, public_id))
        identities.unmerge(conn, device.id, now)
        access.record_audit(conn, now, actor, "device.unmerge", f"device:{public_id}")

    database.write(unit)


def remove_device(database: Database, actor: Caller, public_id: str, reason: str, now: Micros) -> None:
    """Remove a device for good; should it come back, it is a new one. Raises NotFound, Conflict."""

    def unit(conn: Connection) -> None:
        device = _visible(actor.scope, inventory.device_by_public_id(conn, public_id))
        retention.remove_device(conn, device.id, actor.name, reason, now)
        access.record_audit(conn, now, actor, "device.remove", f"device:{public_id}", {"reason": reason})

    database.write(unit)


def keep_retention(services: Services, days: int) -> int:
    """Remove devices that were silent for longer than the retention time, and prune the change feed.

    Returns how many devices were removed; each is audited. days 0: devices stay.
    """
    removed = 0
    while True:
        now = services.clock()

        def unit(conn: Connection, now: Micros = now) -> int:
            gone = retention.remove_silent(conn, days, now)
            actor = access.internal_caller("retention")
            for device in inventory.devices(conn, gone):
                details = {"reason": f"silent for over {days} days"}
                access.record_audit(conn, now, actor, "device.remove", f"device:{device.public_id}", details)
            retention.prune_feed(conn, now)
            return len(gone)

        count = services.database.write(unit)
        removed += count
        if count < retention.AT_ONCE:
            return removed


def _visible(scope: Scope, device: Device | None) -> Device:
    if device is None or not scope.includes(device.group_id):
        raise NotFound("There is no such device among those you may see.")
    return device
