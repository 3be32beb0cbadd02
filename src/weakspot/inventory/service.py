"""Use cases of the inventory, each inside a unit of work that the caller gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import detail_store, history, identities, joining, labels, packing, part_store, store
from weakspot.inventory.contracts import (
    DescribedDevice,
    DeviceState,
    Evidence,
    InstalledSoftware,
    Recorded,
    Report,
    SoftwareVersion,
)
from weakspot.inventory.joining import Parts
from weakspot.inventory.rules import identity, kernels, recognition, text, updates
from weakspot.inventory.rules.difference import Difference, replaced
from weakspot.inventory.rules.parts import SENSOR
from weakspot.inventory.software_store import Interner, installation_of, software_versions
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND, Micros, from_iso
from weakspot.runtime.errors import DeviceKnown, InvalidField, ReportSuperseded, ResyncRequired

DEVICE_CHANGED = "inventory.device"
FACTS_CHANGED = "inventory.device_facts"

_MAX_CLOCK_AHEAD = 5 * 60 * SECOND


class _Before(msgspec.Struct, frozen=True):
    state: DeviceState | None
    installations: tuple[packing.Ids, packing.Times]
    """Of all sources together."""
    described: DescribedDevice
    parts: Parts
    """Empty where the sensor is the only source."""

    @property
    def own(self) -> list[int]:
        """Software version ids that the sensor itself reported."""
        return joining.own_ids(self.parts, SENSOR) if self.parts else self.installations[0].tolist()


class _Applied(msgspec.Struct, frozen=True):
    own: set[int]
    difference: Difference
    digest: str
    evidence: Mapping[int, packing.KeptEvidence]
    new_versions: list[SoftwareVersion]


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
        _apply_full(conn, interner, before, report, at)
        if report.kind == "full"
        else _apply_delta(conn, interner, before, report, device_id, at)
    )
    _write(conn, device_id, before, report, applied, knowledge_version, now, at)
    if report.details is not None:
        detail_store.record(conn, device_id, report.details, now)
    return Recorded(
        device_id=device_id,
        public_id=public_id,
        digest=applied.digest,
        is_duplicate=False,
        new_software_versions=tuple(applied.new_versions),
        knowledge_version=knowledge_version,
    )


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


def _before(conn: Connection, device_id: int) -> _Before:
    stored = store.state(conn, device_id)
    described = store.described(conn, device_id)
    if stored is None:
        return _Before(None, packing.empty(), described, {})
    kept, installations = stored
    return _Before(kept, packing.unpack(installations), described, part_store.parts(conn, device_id))


def _apply_full(conn: Connection, interner: Interner, before: _Before, report: Report, at: Micros) -> _Applied:
    if report.added or report.removed or report.base_digest is not None:
        raise InvalidField(
            "A full report carries 'software' only; leave out added, removed, base_digest.", field="kind"
        )
    unique = _distinct(report.software, "software")
    digest = identity.digest_of(unique)
    if digest != report.digest:
        raise InvalidField(
            f"digest is {report.digest[:12]}… but the software listed gives {digest[:12]}…; send a full report again.",
            field="digest",
        )
    ids, items, new = interner.intern(conn, updates.with_updates(list(unique.values())), report.device)
    own = set(ids.values())
    difference = replaced(before.installations, joining.joined(conn, before.parts, SENSOR, own), at)
    return _Applied(own, difference, digest, _evidence(ids, items), new)


def _apply_delta(
    conn: Connection, interner: Interner, before: _Before, report: Report, device_id: int, at: Micros
) -> _Applied:
    if report.software:
        raise InvalidField(
            "A delta carries 'added' and 'removed'; 'software' belongs to a full report.", field="software"
        )
    if before.state is None or report.base_digest != before.state.digest:
        raise ResyncRequired(
            "The delta does not start from the inventory that is stored here; send a full report.",
            field="base_digest",
        )
    if identity.release_of(before.described) != identity.release_of(report.device):
        # What the delta does not name would go on being judged by the advisories of the old release.
        raise ResyncRequired("The operating system is another release now; send a full report.", field="device.os")
    current = before.own
    added = _distinct(report.added, "added")
    removed = {identity.wire_hash(item) for item in report.removed}
    by_wire_hash = interner.installed_as(conn, current, removed | added.keys())
    if removed & added.keys():
        raise InvalidField("The same software is in added and in removed; keep one.", field="removed")
    if unknown := removed - by_wire_hash.keys():
        name = next(i.name for i in report.removed if identity.wire_hash(i) in unknown)
        raise InvalidField(f"removed names {name!r}, which is not installed here; send a full report.", field="removed")
    digest = identity.digest_after(before.state.digest, [h for h in added if h not in by_wire_hash], removed)
    if digest != report.digest:
        raise ResyncRequired("The inventory after the delta has another digest; send a full report.", field="digest")
    added = _kernels_again(conn, device_id, before, report, removed) | added
    added |= _systems_again(conn, device_id, before, report, removed, added)
    by_wire_hash |= interner.installed_as(conn, current, added)
    ids, items, new = interner.intern(conn, list(added.values()), report.device)
    # The same wire identity under another owner or module is another software version: the old one goes.
    gone = {by_wire_hash[h] for h in removed | (added.keys() & by_wire_hash.keys())} - set(ids.values())
    evidence: dict[int, packing.KeptEvidence] = dict(_evidence(ids, items))
    if gone or ids:
        replaced_ids = gone | set(ids.values())
        kept = store.kept_evidence(conn, device_id)
        evidence = {i: e for i, e in kept.items() if i not in replaced_ids} | evidence
    own = (set(current) - gone) | set(ids.values())
    difference = replaced(before.installations, joining.joined(conn, before.parts, SENSOR, own), at)
    return _Applied(own, difference, digest, evidence, new)


def _kernels_again(
    conn: Connection, device_id: int, before: _Before, report: Report, removed: AbstractSet[int]
) -> dict[int, InstalledSoftware]:
    """Installed kernels, to be looked at anew where the device was restarted into another one. By wire hash."""
    ran, runs = before.described.os, report.device.os
    if (ran.kernel, ran.kernel_version) == (runs.kernel, runs.kernel_version):
        return {}
    evidence = store.evidence(conn, device_id)
    installed = (
        installation_of(version, evidence.get(version.id)) for version in software_versions(conn, before.own).values()
    )
    by_hash = {identity.wire_hash(item): item for item in installed if kernels.is_kernel(item)}
    return {hashed: item for hashed, item in by_hash.items() if hashed not in removed}


def _systems_again(
    conn: Connection,
    device_id: int,
    before: _Before,
    report: Report,
    removed: AbstractSet[int],
    added: Mapping[int, InstalledSoftware],
) -> dict[int, InstalledSoftware]:
    """The Windows system with the updates that it has now, where the report tells of any. By wire hash."""
    told = {item.type for item in report.added} | {item.type for item in report.removed}
    if told.isdisjoint(updates.TYPES):
        return {}
    evidence = store.evidence(conn, device_id)
    current = software_versions(conn, before.own).values()
    installed = (installation_of(v, evidence.get(v.id)) for v in current if v.type in updates.TYPES)
    by_hash = {hashed: item for item in installed if (hashed := identity.wire_hash(item)) not in removed}
    whole = updates.with_updates(list((by_hash | dict(added)).values()))
    return {identity.wire_hash(item): item for item in whole if item.type == updates.SYSTEM}


def _write(
    conn: Connection,
    device_id: int,
    before: _Before,
    report: Report,
    applied: _Applied,
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
    store.write_state(conn, device_id, kept, packed, is_new=before.state is None)
    store.insert_ended(conn, device_id, zip(difference.removed, difference.ended_since, strict=True), at)
    evidence = applied.evidence
    if before.parts:
        joining.write_sensor(conn, device_id, applied.own, report.device, now)
        evidence = joining.with_others(conn, device_id, difference.ids, evidence)
    if report.kind == "full" or difference.removed or report.added:
        store.write_evidence(conn, device_id, evidence)
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


def _distinct(items: Sequence[InstalledSoftware], field: str) -> dict[int, InstalledSoftware]:
    unique: dict[int, InstalledSoftware] = {}
    for item in items:
        wire_hash = identity.wire_hash(item)
        if wire_hash in unique:
            raise InvalidField(
                f"{field} lists {item.name!r} {item.version!r} twice; merge entries with the same identity.",
                field=field,
            )
        unique[wire_hash] = item
    return unique


def _evidence(ids: dict[bytes, int], items: dict[bytes, InstalledSoftware]) -> dict[int, Evidence]:
    return {
        ids[h]: Evidence(item.paths, item.installed_at) for h, item in items.items() if item.paths or item.installed_at
    }
