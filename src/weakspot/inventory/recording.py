"""Recording the reports of sensors: many at once, for they come all the time.

What is stored of all the devices is read together, each report is applied by itself, and what came of them is written
together, so that a busy server spends a dozen statements on a group of reports and not on each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import (
    detail_store,
    history,
    identities,
    joining,
    labels,
    part_store,
    settings,
    state_store,
    store,
    troubles,
)
from weakspot.inventory.applying import Applied, Before, apply_delta, apply_full
from weakspot.inventory.contracts import DescribedDevice, DeviceState, Recorded, Report
from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot.inventory.rules import text
from weakspot.inventory.rules.parts import SENSOR
from weakspot.inventory.service import DEVICE_CHANGED, FACTS_CHANGED, observed_at, refuse_foreign
from weakspot.inventory.software_store import Interner
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.errors import ReportSuperseded, WeakspotError


class Arrived(msgspec.Struct, frozen=True):
    """One report, of the device whose key came with it: its internal and its public id, and the server's time."""

    device: tuple[int, str]
    report: Report
    now: Micros


class _Made(msgspec.Struct, frozen=True):
    """What a report makes of its device."""

    arrived: Arrived
    before: Before
    applied: Applied
    at: Micros
    is_described: bool
    """The device describes itself otherwise than before."""


def record_reports(
    conn: Connection, interner: Interner, arrived: Sequence[Arrived], knowledge_version: int
) -> list[Recorded | WeakspotError]:
    """Record reports, each whole or not at all; in their order, so that a later one of a device meets the earlier.

    One that was recorded before is answered again without effect. In the place of one that cannot be recorded is the
    error, and nothing was written for it: ReportSuperseded, ResyncRequired, DeviceKnown, InvalidField. What is raised
    concerns them all.
    """
    outcomes: list[Recorded | WeakspotError] = []
    for some in _each_device_once(arrived):
        outcomes += _record(conn, interner, some, knowledge_version)
    return outcomes


def _each_device_once(arrived: Sequence[Arrived]) -> Iterator[list[Arrived]]:
    some: dict[int, Arrived] = {}
    for one in arrived:
        if one.device[0] in some:
            yield list(some.values())
            some = {}
        some[one.device[0]] = one
    yield list(some.values())


def _record(
    conn: Connection, interner: Interner, arrived: Sequence[Arrived], knowledge_version: int
) -> list[Recorded | WeakspotError]:
    stored = state_store.wholes(conn, [one.device[0] for one in arrived])
    outcomes: list[Recorded | WeakspotError] = []
    made: list[_Made] = []
    for one in arrived:
        before = _before(conn, one.device[0], stored[one.device[0]])
        if before.state is not None and one.report.report_id == before.state.report_id:
            outcomes.append(_again(one, before.state))
            continue
        try:
            new = _make(conn, interner, one, before)
        except WeakspotError as error:
            outcomes.append(error)
            continue
        made.append(new)
        outcomes.append(_recorded(new, knowledge_version))
    _write(conn, interner, made, knowledge_version)
    return outcomes


def _before(conn: Connection, device_id: int, stored: state_store.Whole) -> Before:
    parts = part_store.parts(conn, device_id) if stored.has_parts and stored.state is not None else {}
    return Before(stored.state, stored.installations, stored.described, parts, stored.evidence)


def _again(arrived: Arrived, state: DeviceState) -> Recorded:
    device_id, public_id = arrived.device
    return Recorded(
        device_id=device_id,
        public_id=public_id,
        digest=state.digest,
        is_duplicate=True,
        knowledge_version=state.knowledge_version,
    )


def _make(conn: Connection, interner: Interner, arrived: Arrived, before: Before) -> _Made:
    """Apply one report. It raises before it writes: new software versions, and how the device describes itself."""
    device_id, report = arrived.device[0], arrived.report
    if before.state is not None and report.sequence <= before.state.sequence:
        raise ReportSuperseded(
            f"Report {report.sequence} came after report {before.state.sequence} was accepted; drop it.",
            field="sequence",
        )
    text.refuse_nul(report)
    refuse_foreign(conn, device_id, before.described, report.device)
    at = observed_at(report, arrived.now)
    if before.state is not None:
        # A clock that was set back must not end an installation before it began.
        at = max(at, before.state.observed_at + 1)
    applied = (
        apply_full(conn, interner, before, report, at)
        if report.kind == "full"
        else apply_delta(conn, interner, before, report, at)
    )
    return _Made(arrived, before, applied, at, _describe(conn, device_id, before.described, report))


def _recorded(made: _Made, knowledge_version: int) -> Recorded:
    device_id, public_id = made.arrived.device
    return Recorded(
        device_id=device_id,
        public_id=public_id,
        digest=made.applied.digest,
        is_duplicate=False,
        new_software_versions=tuple(made.applied.new_versions),
        knowledge_version=knowledge_version,
    )


def _write(conn: Connection, interner: Interner, made: Sequence[_Made], knowledge_version: int) -> None:
    differences = [(one.arrived.device[0], one.at, one.applied.difference) for one in made]
    state_store.write_states(
        conn,
        {
            device_id: (_state(one, knowledge_version), (difference.ids, difference.first_seen))
            for one, (device_id, _, difference) in zip(made, differences, strict=True)
        },
    )
    state_store.insert_ended(conn, (row for device_id, at, one in differences for row in one.ended(device_id, at)))
    told = [one for one in made if one.arrived.report.kind == "full" or one.applied.difference.removed
            or one.arrived.report.added]  # fmt: skip
    state_store.write_evidence(conn, {one.arrived.device[0]: _evidence(conn, one) for one in told})
    history.record(conn, [noted for one in made for noted in _noted(one)])
    changes.append_rows(conn, [row for one in made for row in _changed(one)])
    troubles.note_collectors(
        conn, {one.arrived.device[0]: (one.arrived.report.collectors, one.arrived.now) for one in made}
    )
    for one in made:
        _look_closer(conn, one)
    settings.record_all(conn, [told for one in made for told in _told_settings(one)], interner.settings)


def _state(made: _Made, knowledge_version: int) -> DeviceState:
    report = made.arrived.report
    return DeviceState(
        digest=made.applied.digest,
        sequence=report.sequence,
        report_id=report.report_id,
        observed_at=made.at,
        reported_at=made.arrived.now,
        knowledge_version=knowledge_version,
    )


def _evidence(conn: Connection, made: _Made) -> joining.Kept:
    if not made.before.parts:
        return made.applied.evidence
    device_id, report = made.arrived.device[0], made.arrived.report
    joining.write_sensor(conn, device_id, made.applied.own, report.device, made.arrived.now)
    return joining.with_others(conn, device_id, made.applied.difference.ids, made.applied.evidence)


def _noted(made: _Made) -> Iterator[history.Noted]:
    """The first report of a device changes nothing: it begins."""
    difference, report = made.applied.difference, made.arrived.report
    if made.before.state is not None and (difference.added or difference.removed):
        yield history.Noted(
            made.arrived.device[0],
            made.at,
            made.arrived.now,
            report.sensor.name,
            report.report_id,
            difference.added,
            difference.removed,
        )


def _changed(made: _Made) -> Iterator[tuple[Micros, str, dict[str, object]]]:
    device_id, now, difference = made.arrived.device[0], made.arrived.now, made.applied.difference
    if difference.added or difference.removed:
        payload = {"device_id": device_id, "added": difference.added, "removed": difference.removed}
        yield now, DEVICE_CHANGED, payload
    state = made.before.state
    if made.is_described or state is None or state.reported_at < now - store.ACTIVE_DAYS * 86_400 * SECOND:
        yield now, FACTS_CHANGED, {"device_id": device_id}


def _describe(conn: Connection, device_id: int, known: DescribedDevice, report: Report) -> bool:
    is_changed = known != report.device
    if is_changed or report.kind == "full":
        store.update_device(conn, device_id, report.device, report.sensor.version)
    if known.hardware_ids != report.device.hardware_ids:
        store.replace_hardware_ids(conn, device_id, report.device.hardware_ids)
    return is_changed


def _look_closer(conn: Connection, made: _Made) -> None:
    """What few reports bring: another description, and details."""
    device_id, report, now = made.arrived.device[0], made.arrived.report, made.arrived.now
    known = made.before.described
    if made.is_described:
        labels.observe(conn, device_id, known, report.device, now)
        if known.hardware_ids != report.device.hardware_ids:
            identities.look_for_duplicates(conn, device_id, report.device, now)
    if report.details is not None:
        details = msgspec.structs.replace(report.details, settings=None)
        if details != DeviceDetails():
            detail_store.record(conn, device_id, details, now)


def _told_settings(made: _Made) -> Iterator[settings.Told]:
    """Settings are kept by themselves: checks read them, and they have times of their own."""
    details = made.arrived.report.details
    if details is not None and details.settings is not None:
        yield settings.Told(made.arrived.device[0], SENSOR, tuple(details.settings), made.at, made.arrived.now)
