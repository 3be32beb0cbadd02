"""Use cases of the inventory, each inside a unit of work that the caller gives."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from weakspot.inventory import part_store, store
from weakspot.inventory.contracts import DescribedDevice, Report
from weakspot.inventory.rules import identity, recognition
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND, Micros, from_iso
from weakspot.runtime.errors import DeviceKnown, InvalidField

DEVICE_CHANGED = "inventory.device"
FACTS_CHANGED = "inventory.device_facts"

_MAX_CLOCK_AHEAD = 5 * 60 * SECOND


def refuse_foreign(conn: Connection, device_id: int, known: DescribedDevice, told: DescribedDevice) -> None:
    """A key speaks for its own device: a report that describes another known device raises DeviceKnown."""
    if known.hardware_ids == told.hardware_ids:
        return
    if recognition.compare(known.hardware_ids, told.hardware_ids) is recognition.CLONE:
        raise DeviceKnown(
            "This key belongs to a device with other hardware: one is a clone of the other; enrol this device again "
            "to get a key of its own.",
            field="device.hardware_ids",
        )
    own = set(identity.strong_ids(known.hardware_ids))
    claimed = identity.strong_ids(told.hardware_ids)
    if own.isdisjoint(claimed) and (store.devices_with(conn, claimed).keys() - {device_id}):
        raise DeviceKnown(
            "The hardware ids are those of another known device; enrol this device to get a key of its own.",
            field="device.hardware_ids",
        )


def observed_at(report: Report, now: Micros) -> Micros:
    """The sensor's own time, but never in the future. Raises InvalidField when it is no time or far ahead."""
    try:
        at = from_iso(report.observed_at)
    except ValueError as error:
        raise InvalidField(f"observed_at is not an RFC 3339 time with a zone: {error}.", field="observed_at") from error
    if at > now + _MAX_CLOCK_AHEAD:
        raise InvalidField("observed_at is more than five minutes ahead; set the device's clock.", field="observed_at")
    return max(0, min(at, now))


def fallen_silent(conn: Connection, previous: Micros, now: Micros) -> list[int]:
    """Devices that fell silent (30 days) between two moments."""
    horizon = store.ACTIVE_DAYS * 86_400 * SECOND
    return store.silent_since(conn, previous - horizon, now - horizon)


def tell_silent(conn: Connection, device_ids: Iterable[int], now: Micros) -> None:
    """Tell the followers that the activity of devices is another; they look for themselves."""
    changes.append_many(conn, now, [(FACTS_CHANGED, {"device_id": device_id}) for device_id in device_ids])


def record_contacts(conn: Connection, seen: dict[int, Micros], now: Micros, *, are_sensors: bool = True) -> None:
    """Heartbeats of many devices; one that was silent for over 30 days counts again, and followers are told.

    are_sensors: they come from sensors, not from other agents of these devices.
    """
    horizon = now - store.ACTIVE_DAYS * 86_400 * SECOND
    returning = [d.id for d in store.devices(conn, seen) if d.last_seen_at < horizon]
    store.write_seen(conn, seen)
    if are_sensors:
        part_store.write_sensor_contacts(conn, seen, now)
    changes.append_many(conn, now, [(FACTS_CHANGED, {"device_id": device_id}) for device_id in returning])
