"""Recording what sources without a report protocol of ours say: foreign agents, scans, uploads.

The server makes the whole list of one source, or edits it; the device's installations are the union of all its parts
(rules/parts.py). No source can take away what another one says.
"""

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
)
from weakspot.inventory.contracts import DescribedDevice, DeviceState, Evidence, InstalledSoftware, Recorded
from weakspot.inventory.detail_contracts import DeviceDetails, Settings, UsageReport
from weakspot.inventory.joining import Parts
from weakspot.inventory.part_store import StoredPart
from weakspot.inventory.rules import identity, text, updates
from weakspot.inventory.rules import parts as rules
from weakspot.inventory.rules.difference import replaced
from weakspot.inventory.service import DEVICE_CHANGED, FACTS_CHANGED, refuse_foreign
from weakspot.inventory.software_store import Interner
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.errors import NotFound


class SourceInventory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one source says of one device now. ``state`` is given back by ``source_state``."""

    source: str
    device: DescribedDevice
    software: tuple[InstalledSoftware, ...]
    state: bytes = b""
    settings: Settings | None = None
    """Complete; None: what the source said of settings before still holds."""


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One source of a device. ``software``: software versions in its part."""

    source: str
    software: int
    reported_at: Micros
    seen_at: Micros
    ended_at: Micros | None


def record_part(
    conn: Connection,
    interner: Interner,
    device: tuple[int, str],
    told: SourceInventory,
    knowledge_version: int,
    now: Micros,
) -> Recorded:
    """Record what one source says of a device, in place of what it said before.

    Raises InvalidField (a NUL character), DeviceKnown (hardware ids of another known device); then nothing changed.
    """
    device_id, public_id = device
    for item in (told.device, *told.software, *(told.settings or ())):
        text.refuse_nul(item)
    known = store.described(conn, device_id)
    if rules.describes(told.source):
        refuse_foreign(conn, device_id, known, told.device)
    parts = _parts_with_sensor(conn, device_id, told.source, known)
    ids, items, new = interner.intern(conn, updates.with_updates(told.software), told.device)
    own = frozenset(ids.values())
    kept = StoredPart(
        source=told.source, ids=own, described=told.device, state=told.state, reported_at=now, seen_at=now
    )
    part_store.write_part(conn, device_id, kept)
    evidence = {
        ids[h]: Evidence(item.paths, item.installed_at) for h, item in items.items() if item.paths or item.installed_at
    }
    installed = joining.joined(conn, parts, told.source, own)
    digest = _write(conn, device_id, installed, evidence, told.source, knowledge_version, now)
    if told.settings is not None:
        settings.record(conn, device_id, told.source, told.settings, now, now)
    _describe(conn, device_id, known, _speaker({**parts, told.source: kept}) or known, now)
    return Recorded(
        device_id=device_id,
        public_id=public_id,
        digest=digest,
        is_duplicate=False,
        new_software_versions=tuple(new),
        knowledge_version=knowledge_version,
    )


def sources(conn: Connection, device_id: int) -> list[SourceRow]:
    """The sources of a device, best first; the sensor alone where it is the only one."""
    found = part_store.parts(conn, device_id)
    rows = [
        SourceRow(
            source=one.source, software=len(one.ids), reported_at=one.reported_at, seen_at=one.seen_at,
            ended_at=one.ended_at,
        )
        for one in sorted(found.values(), key=lambda one: (rules.rank(one.source), one.source))
    ]  # fmt: skip
    stored = None if found else state_store.state(conn, device_id)
    if stored is not None:
        state, installations = stored
        seen = max(state.reported_at, store.devices(conn, [device_id])[0].last_seen_at)
        count = len(packing.unpack(installations)[0])
        rows.append(
            SourceRow(source=rules.SENSOR, software=count, reported_at=state.reported_at, seen_at=seen, ended_at=None)
        )
    return rows


def source_state(conn: Connection, device_id: int, source: str) -> tuple[DescribedDevice, bytes] | None:
    """How the source described the device, and its protocol's state; None before its first report or after its end."""
    kept = part_store.parts(conn, device_id).get(source)
    return None if kept is None or kept.ended_at is not None else (kept.described, kept.state)


def keep_source_state(conn: Connection, device_id: int, source: str, state: bytes) -> None:
    """Keep the state of a source's protocol where nothing that it says of the device changed."""
    part_store.write_state(conn, device_id, source, state)


def record_use(conn: Connection, device_id: int, source: str, use: UsageReport, now: Micros) -> None:
    """Which software a source saw running. What a better source sees counts alone: it looks more closely."""
    better = (one for one in part_store.parts(conn, device_id).values() if rules.rank(one.source) < rules.rank(source))
    if all(one.ended_at is not None for one in better):
        detail_store.record(conn, device_id, DeviceDetails(usage=use), now)


def remove_source(conn: Connection, device_id: int, source: str, now: Micros) -> None:
    """What this source said no longer counts, and its agents' keys end. Raises NotFound."""
    parts = part_store.parts(conn, device_id)
    if source == rules.SENSOR or source not in parts:
        raise NotFound("The device has no such source that could be removed; list its sources to see which there are.")
    part_store.remove_part(conn, device_id, source)
    part_store.revoke_agents(conn, device_id, source, now)
    settings.forget(conn, device_id, source, now)
    _rejoin(conn, device_id, {name: one for name, one in parts.items() if name != source}, now)


def age_sources(conn: Connection, now: Micros) -> list[tuple[int, str]]:
    """Give up sources that fell silent while another one goes on (rules/parts.py). Returns (device id, source)."""
    ended = []
    for device_id in part_store.devices_with_silent_parts(conn, now - rules.LIFE_DAYS * DAY):
        parts = part_store.parts(conn, device_id)
        heard = [rules.Heard(one.source, one.seen_at) for one in parts.values() if one.ended_at is None]
        gone = rules.outlived(heard, now)
        for source in gone:
            closed = msgspec.structs.replace(parts[source], ended_at=now, state=b"")
            part_store.write_part(conn, device_id, closed)
            settings.forget(conn, device_id, source, now)
            ended.append((device_id, source))
        if gone:
            _rejoin(conn, device_id, part_store.parts(conn, device_id), now)
        if rules.SENSOR in gone:
            state_store.forget_digest(conn, device_id)
    return ended


def record_source_contacts(conn: Connection, seen: dict[tuple[int, str], Micros]) -> None:
    """Contacts of sources that brought no news, many at once."""
    part_store.write_contacts(conn, seen)


def _parts_with_sensor(conn: Connection, device_id: int, source: str, known: DescribedDevice) -> Parts:
    """The parts; where a second source joins a sensor, what is installed until now becomes the sensor's part."""
    parts = part_store.parts(conn, device_id)
    stored = state_store.state(conn, device_id)
    if parts or source == rules.SENSOR or stored is None or not stored[0].digest:
        return parts
    state, installations = stored
    joining.write_sensor(conn, device_id, packing.unpack(installations)[0].tolist(), known, state.reported_at)
    return part_store.parts(conn, device_id)


def _rejoin(conn: Connection, device_id: int, parts: Parts, now: Micros) -> None:
    live = {name: one for name, one in parts.items() if one.ended_at is None}
    installed = joining.joined(conn, live, "", ())
    stored = state_store.state(conn, device_id)
    version = 0 if stored is None else stored[0].knowledge_version
    _write(conn, device_id, installed, {}, "weakspot", version, now, is_report=False)
    speaker = _speaker(live)
    if speaker is not None:
        _describe(conn, device_id, store.described(conn, device_id), speaker, now)


def _write(
    conn: Connection,
    device_id: int,
    installed: set[int],
    evidence: dict[int, Evidence],
    source: str,
    knowledge_version: int,
    now: Micros,
    *,
    is_report: bool = True,
) -> str:
    """Replace what is installed. The sensor's digest, sequence and report id stay as they are. Returns the digest."""
    stored = state_store.state(conn, device_id)
    before = DeviceState(digest="", sequence=0, report_id="", observed_at=0, reported_at=now, knowledge_version=0)
    installations = packing.empty()
    if stored is not None:
        before, installations = stored[0], packing.unpack(stored[1])
    at = max(now, before.observed_at + 1)
    difference = replaced(installations, installed, at)
    state = msgspec.structs.replace(
        before,
        observed_at=at,
        reported_at=now if is_report else before.reported_at,
        knowledge_version=knowledge_version,
    )
    state_store.write_states(conn, {device_id: (state, (difference.ids, difference.first_seen))})
    state_store.insert_ended(conn, difference.ended(device_id, at))
    state_store.write_evidence(conn, {device_id: joining.with_others(conn, device_id, difference.ids, evidence)})
    if difference.added or difference.removed:
        payload = {"device_id": device_id, "added": difference.added, "removed": difference.removed}
        changes.append(conn, now, DEVICE_CHANGED, payload)
        if stored is not None:
            noted = history.Noted(device_id, at, now, source, "", difference.added, difference.removed)
            history.record(conn, [noted])
    silent = stored is None or before.reported_at < now - store.ACTIVE_DAYS * DAY
    if is_report and silent:
        changes.append(conn, now, FACTS_CHANGED, {"device_id": device_id})
    return state.digest


def _speaker(parts: Parts) -> DescribedDevice | None:
    """The device in the words of its best source; None where no source is left."""
    live = [one for one in parts.values() if one.ended_at is None and rules.describes(one.source)]
    best = min(live, key=lambda one: (rules.rank(one.source), -one.reported_at, one.source), default=None)
    return None if best is None else best.described


def _describe(conn: Connection, device_id: int, known: DescribedDevice, told: DescribedDevice, now: Micros) -> None:
    if known == told:
        return
    store.describe(conn, device_id, told)
    if set(identity.strong_ids(known.hardware_ids)) != set(identity.strong_ids(told.hardware_ids)):
        store.replace_hardware_ids(conn, device_id, told.hardware_ids)
    changes.append(conn, now, FACTS_CHANGED, {"device_id": device_id})
    labels.observe(conn, device_id, known, told, now)
    if known.hardware_ids != told.hardware_ids:
        identities.look_for_duplicates(conn, device_id, told, now)
