"""Use cases of the inventory, each inside a unit of work that the caller gives."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import (
    detail_store,
    history,
    identities,
    joining,
    labels,
    packing,
    part_store,
    settings,
    state_store,
    store,
    troubles,
)
from weakspot.inventory.applying import Applied, Before, apply_delta, apply_full
from weakspot.inventory.contracts import (
    DescribedDevice,
    DeviceState,
    Recorded,
    Report,
)
from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot.inventory.rules import identity, recognition, text
from weakspot.inventory.rules.parts import SENSOR
from weakspot.inventory.software_store import Interner
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND, Micros, from_iso
from weakspot.runtime.errors import DeviceKnown, InvalidField, ReportSuperseded

DEVICE_CHANGED = "inventory.device"
FACTS_CHANGED = "inventory.device_facts"

_MAX_CLOCK_AHEAD = 5 * 60 * SECOND


def record_report(
    conn: Connection,
    interner: Interner,
    device: tuple[int, str],
    report: Report,
    knowledge_version: int,
    now: Micros,
) -> Recorded:
    """Record one report of one device: all of it, or (raising) nothing.

    device: internal and public id of the device whose key came with the report. A report that was recorded before is
    answered again without effect. Raises ReportSuperseded, ResyncRequired, InvalidField.
    """
    device_id, public_id = device
    before = _before(conn, device_id)
    if before.state is not None:
        if report.report_id == before.state.report_id:
            return Recorded(
                device_id=device_id,
                public_id=public_id,
                digest=before.state.digest,
                is_duplicate=True,
                knowledge_version=before.state.knowledge_version,
            )
        if report.sequence <= before.state.sequence:
            raise ReportSuperseded(
                f"Report {report.sequence} came after report {before.state.sequence} was accepted; drop it.",
                field="sequence",
            )
    text.refuse_nul(report)
    refuse_foreign(conn, device_id, before.described, report.device)
    at = observed_at(report, now)
    if before.state is not None:
        # A clock that was set back must not end an installation before it began.
        at = max(at, before.state.observed_at + 1)
    applied = (
        apply_full(conn, interner, before, report, at)
        if report.kind == "full"
        else apply_delta(conn, interner, before, report, at)
    )
    _write(conn, device_id, before, report, applied, knowledge_version, now, at)
    troubles.note_collectors(conn, device_id, report.collectors, now)
    if report.details is not None:
        _record_details(conn, device_id, report.details, at, now)
    return Recorded(
        device_id=device_id,
        public_id=public_id,
        digest=applied.digest,
        is_duplicate=False,
        new_software_versions=tuple(applied.new_versions),
        knowledge_version=knowledge_version,
    )


def _record_details(conn: Connection, device_id: int, told: DeviceDetails, at: Micros, now: Micros) -> None:
    """Settings are kept by themselves: checks read them, and they have times of their own."""
    if told.settings is not None:
        settings.record(conn, device_id, SENSOR, told.settings, at, now)
        told = msgspec.structs.replace(told, settings=None)
    if told != DeviceDetails():
        detail_store.record(conn, device_id, told, now)


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


def sweep_activity(conn: Connection, previous: Micros, now: Micros) -> int:
    """Tell the followers which devices fell silent (30 days) since the previous sweep. Returns how many."""
    horizon = store.ACTIVE_DAYS * 86_400 * SECOND
    gone = store.silent_since(conn, previous - horizon, now - horizon)
    changes.append_many(conn, now, [(FACTS_CHANGED, {"device_id": device_id}) for device_id in gone])
    return len(gone)


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


def _before(conn: Connection, device_id: int) -> Before:
    stored = state_store.whole(conn, device_id)
    if stored.state is None:
        return Before(None, packing.empty(), stored.described, {}, stored.evidence)
    parts = part_store.parts(conn, device_id) if stored.has_parts else {}
    return Before(stored.state, packing.unpack(stored.installations), stored.described, parts, stored.evidence)


def _write(
    conn: Connection,
    device_id: int,
    before: Before,
    report: Report,
    applied: Applied,
    knowledge_version: int,
    now: Micros,
    at: Micros,
) -> None:
    difference = applied.difference
    kept = DeviceState(
        digest=applied.digest,
        sequence=report.sequence,
        report_id=report.report_id,
        observed_at=at,
        reported_at=now,
        knowledge_version=knowledge_version,
    )
    packed = packing.pack(difference.ids, difference.first_seen)
    state_store.write_state(conn, device_id, kept, packed, is_new=before.state is None)
    state_store.insert_ended(conn, device_id, zip(difference.removed, difference.ended_since, strict=True), at)
    evidence = applied.evidence
    if before.parts:
        joining.write_sensor(conn, device_id, applied.own, report.device, now)
        evidence = joining.with_others(conn, device_id, difference.ids, evidence)
    if report.kind == "full" or difference.removed or report.added:
        state_store.write_evidence(conn, device_id, evidence)
    rows: list[tuple[str, dict[str, object]]] = []
    if difference.added or difference.removed:
        payload = {"device_id": device_id, "added": difference.added, "removed": difference.removed}
        rows.append((DEVICE_CHANGED, payload))
        if before.state is not None:
            told = (report.sensor.name, report.report_id)
            history.record(conn, device_id, told, difference.added, difference.removed, at, now)
    silent = before.state is None or before.state.reported_at < now - store.ACTIVE_DAYS * 86_400 * SECOND
    is_described = _describe(conn, device_id, before.described, report)
    if is_described or silent:
        rows.append((FACTS_CHANGED, {"device_id": device_id}))
    changes.append_many(conn, now, rows)
    if is_described:
        labels.observe(conn, device_id, before.described, report.device, now)
        if before.described.hardware_ids != report.device.hardware_ids:
            identities.look_for_duplicates(conn, device_id, report.device, now)


def _describe(conn: Connection, device_id: int, known: DescribedDevice, report: Report) -> bool:
    is_changed = known != report.device
    if is_changed or report.kind == "full":
        store.update_device(conn, device_id, report.device, report.sensor.version)
    if known.hardware_ids != report.device.hardware_ids:
        store.replace_hardware_ids(conn, device_id, report.device.hardware_ids)
    return is_changed
