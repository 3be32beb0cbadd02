"""Business context: what is imported about devices, and the rules that find devices by it and by their software.

``look_again`` is the one place where rules meet the fleet index: sets of devices by software are unions of bitmaps, so
a fleet of 100,000 devices takes milliseconds, and nothing is written where nothing changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.access import Caller
from weakspot.fleet import Fleet, FleetView
from weakspot.inventory import labels
from weakspot.inventory.labels import Listed, SensitiveData
from weakspot.inventory.rules import context
from weakspot.runtime import changes
from weakspot.runtime.errors import Forbidden, InvalidField, NotFound
from weakspot.workflows.device_decisions import Selection, selected
from weakspot.workflows.services import Services

T = TypeVar("T")


class SensitiveRow(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of a tool: device (id or name), its label, how many items."""

    device: str
    label: str
    items: int = 1


class SignInRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signs in on a device (id or name)."""

    device: str
    user: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """How an import ended: rows taken, and the devices that are not known, at most 100 of them."""

    taken: int
    unknown: int
    unknown_devices: list[str]


class BusinessContext:
    """The use cases. One for each server: it remembers which software speaks for which role."""

    def __init__(self, services: Services, fleet: Fleet) -> None:
        self._services = services
        self._fleet = fleet
        self._roles: dict[int, set[str]] = {}
        self._last_software = 0
        self._seq = -1
        self._lock = threading.Lock()

    def look_again(self, *, is_forced: bool = False) -> bool:
        """Find devices by the rules anew, if anything changed since. Whether a rule finds others than before."""
        with self._lock:
            with self._services.database.read() as conn:
                last = changes.last_seq(conn)
                if last == self._seq and not is_forced:
                    return False
                self._learn_roles(conn)
                self._fleet.wait_for(last, 5.0, scores=False)
                found = self._found(conn, self._fleet.view())
            now = self._services.clock()
            is_changed = self._services.database.write(lambda conn: labels.write_found(conn, found, now))
            self._seq = last
            return is_changed

    def import_sensitive(self, actor: Caller, source: str, rows: Sequence[SensitiveRow]) -> Imported:
        """Make what one tool found these rows; devices that are not known are left out. Raises Forbidden."""
        _whole_fleet(actor)
        now = self._services.clock()

        def unit(conn: Connection) -> Imported:
            known = labels.device_ids(conn, {one.device for one in rows})
            merged: dict[tuple[int, str], int] = {}
            for one in rows:
                device_id = known.get(one.device.casefold())
                if device_id is not None:
                    merged[device_id, one.label] = merged.get((device_id, one.label), 0) + one.items
            kept = [
                SensitiveData(device_id=device_id, source=source, label=label, items=items, observed_at=now)
                for (device_id, label), items in merged.items()
            ]
            labels.replace_sensitive(conn, source, kept)
            answer = _imported(known, [one.device for one in rows])
            access.record_audit(conn, now, actor, "context.import_sensitive", source, {"rows": str(answer.taken)})
            return answer

        return self._written(unit)

    def import_sign_ins(self, actor: Caller, rows: Sequence[SignInRow]) -> Imported:
        """Add who signs in where. Raises Forbidden."""
        _whole_fleet(actor)
        now = self._services.clock()

        def unit(conn: Connection) -> Imported:
            known = labels.device_ids(conn, {one.device for one in rows})
            users: dict[int, set[str]] = {}
            for one in rows:
                device_id = known.get(one.device.casefold())
                if device_id is not None:
                    users.setdefault(device_id, set()).add(one.user.casefold())
            labels.add_sign_ins(conn, users, now)
            answer = _imported(known, [one.device for one in rows])
            access.record_audit(conn, now, actor, "context.import_sign_ins", "devices", {"rows": str(answer.taken)})
            return answer

        return self._written(unit)

    def set_high_value_users(self, actor: Caller, users: Mapping[str, str]) -> None:
        """Replace the list: name -> reason. Raises Forbidden."""
        _whole_fleet(actor)
        now = self._services.clock()
        rows = [Listed(name=name, reason=users[name], added_at=now) for name in sorted(users)]

        def unit(conn: Connection) -> None:
            labels.write_high_value_users(
                conn, [msgspec.structs.replace(one, name=one.name.casefold()) for one in rows]
            )
            access.record_audit(conn, now, actor, "context.high_value_users", "list", {"users": str(len(rows))})

        self._written(unit)

    def mark_software(self, actor: Caller, software: str, reason: str | None) -> None:
        """Mark software as business-critical, or (None) no longer. Raises Forbidden, NotFound."""
        _whole_fleet(actor)
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            if inventory.software_id_of(conn, software) is None:
                raise NotFound("There is no such software; take its id from the list of software.")
            labels.mark_business(conn, software, reason, now)
            access.record_audit(conn, now, actor, "context.business_software", software, {"reason": reason or ""})

        self._written(unit)

    def decide(self, actor: Caller, rule: str, devices: Selection | None, is_accepted: bool) -> int:
        """Accept or dismiss a rule's proposals, for some devices or all. Raises NotFound, Forbidden."""
        now = self._services.clock()

        def unit(conn: Connection) -> int:
            if devices is None:
                _whole_fleet(actor)
            ids = None if devices is None else selected(conn, actor.scope, devices)
            count = labels.decide(conn, rule, ids, is_accepted=is_accepted, now=now)
            action = "context.accept" if is_accepted else "context.dismiss"
            access.record_audit(conn, now, actor, action, f"context_rule:{rule}", {"devices": str(count)})
            return count

        return self._services.database.write(unit)

    def set_automatic(self, actor: Caller, rule: str, is_automatic: bool) -> None:
        """Whether a rule's proposals are in force without consent. Raises NotFound, Forbidden."""
        _whole_fleet(actor)
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            labels.set_automatic(conn, rule, is_automatic, now)
            details = {"is_automatic": str(is_automatic).lower()}
            access.record_audit(conn, now, actor, "context.automatic", f"context_rule:{rule}", details)

        self._services.database.write(unit)

    def _written(self, unit: Callable[[Connection], T]) -> T:
        answer = self._services.database.write(unit)
        self.look_again(is_forced=True)
        return answer

    def _learn_roles(self, conn: Connection) -> None:
        for software in inventory.software_after(conn, self._last_software):
            self._last_software = software.id
            for role in context.roles_of_software(software.name):
                self._roles.setdefault(software.id, set()).add(role)

    def _found(self, conn: Connection, view: FleetView) -> dict[str, BitMap]:
        found: dict[str, BitMap] = {}
        for software_id, roles in self._roles.items():
            for role in roles:
                found[role] = found.get(role, BitMap()) | view.carrying(view.versions[software_id])
        sensitive = [one.device_id for one in labels.sensitive(conn) if context.is_sensitive(one.label)]
        found["confidential_data"] = BitMap(sensitive)
        found["high_value_user"] = labels.devices_of_high_value_users(conn)
        marked = [inventory.software_id_of(conn, one.name) for one in labels.business(conn)]
        carrying = (view.carrying(view.versions[one]) for one in marked if one is not None)
        found["business_software"] = BitMap.union(BitMap(), *carrying)
        return found


def _imported(known: Mapping[str, int], asked: Sequence[str]) -> Imported:
    unknown = sorted({one for one in asked if one.casefold() not in known})
    taken = sum(one.casefold() in known for one in asked)
    return Imported(taken=taken, unknown=len(unknown), unknown_devices=unknown[:100])


def _whole_fleet(actor: Caller) -> None:
    if actor.scope.group_ids is not None:
        raise Forbidden("This concerns the whole fleet; only somebody who sees all device groups may do it.")


def checked_reason(reason: str) -> str:
    """A reason as it is kept. Raises InvalidField."""
    cleaned = " ".join(reason.split())
    if not 0 < len(cleaned) <= 500 or not cleaned.isprintable():
        raise InvalidField("Give a reason of 1 to 500 printable characters.", field="reason")
    return cleaned
