"""Detections: taken from the products that make them, put to their devices, hung on what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, inventory, threats
from weakspot.access import Caller, Scope
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.threats import Decision, Detection, DeviceHints
from weakspot.workflows.correlating import Correlation

OUT_OF_SCOPE = "The token that sent it may not see a device of that name, id or address."
UNKNOWN = "No device has that name, id or address."
AMBIGUOUS = "Several devices have that name or address; the detection does not say which."
MOST_UNRESOLVED = 500


class RefusedEvent(msgspec.Struct, frozen=True):
    """An event that could not be used: its place in the body, from 0, and why."""

    index: int
    reason: str


class DetectionsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one call. ``correlated``: detections that hang on a software or a vulnerability."""

    taken: int
    updated: int
    unchanged: int
    ignored: int
    unresolved: int
    correlated: int
    ids: list[str]
    refused: list[RefusedEvent]


def record_detections(database: Database, caller: Caller, intake_name: str, body: Any, now: Micros) -> DetectionsTaken:
    """Take the events of a body. Answered after the commit. Raises NotFound for an unknown intake, TooLarge."""
    with database.read() as conn:
        intake = threats.intake_named(conn, intake_name)
    read = threats.read_events(intake, body)

    def unit(conn: Connection) -> DetectionsTaken:
        correlation = Correlation(conn)
        counts = {"taken": 0, "updated": 0, "unchanged": 0, "unresolved": 0, "correlated": 0}
        ids: list[str] = []
        changed: list[Detection] = []
        for _, observed in read.observed:
            device_id, reason = resolve(conn, observed.device, caller.scope)
            detection, is_news = threats.take(conn, intake.name, observed, device_id, reason, now)
            links = correlation.links(detection)
            is_news = threats.hang(conn, detection, links) or is_news
            counts["unchanged" if not is_news else "taken" if detection.seen == 1 else "updated"] += 1
            counts["unresolved"] += detection.device_id is None
            counts["correlated"] += bool(links)
            ids.append(detection.public_id)
            if is_news:
                changed.append(detection)
        if changed:
            threats.tell(conn, changed, now)
        return DetectionsTaken(
            ids=ids, ignored=read.ignored, refused=[RefusedEvent(*one) for one in read.refused[:100]], **counts
        )

    return database.write(unit)


def decide_detection(database: Database, actor: Caller, detection_id: int, made: Decision, now: Micros) -> Detection:
    """What a person says of a detection; in force at once, audited. Raises NotFound."""

    def unit(conn: Connection) -> Detection:
        decided = threats.decide(conn, detection_id, made, f"{actor.kind}:{actor.id}:{actor.name}", now)
        threats.hang(conn, decided, Correlation(conn).links(decided))
        threats.tell(conn, [decided], now)
        said = {name: value for name, value in msgspec.structs.asdict(made).items() if value is not None}
        access.record_audit(conn, now, actor, "detection.decide", decided.public_id, said)
        return decided

    return database.write(unit)


def put_detection_mapping(database: Database, actor: Caller, made: threats.Mapping, now: Micros) -> None:
    """Add or replace the mapping of an own product, audited. Raises Conflict, TooLarge."""

    def unit(conn: Connection) -> None:
        threats.put_mapping(conn, made, f"{actor.kind}:{actor.id}:{actor.name}", now)
        access.record_audit(conn, now, actor, "detection_mapping.put", made.name)

    database.write(unit)


def remove_detection_mapping(database: Database, actor: Caller, name: str, now: Micros) -> None:
    """Remove a mapping; what it took stays. Raises NotFound."""

    def unit(conn: Connection) -> None:
        threats.remove_mapping(conn, name)
        access.record_audit(conn, now, actor, "detection_mapping.remove", name)

    database.write(unit)


def resolve_again(database: Database, now: Micros) -> int:
    """Put detections that count and whose device was not known to devices that came since. Returns how many."""
    with database.read() as conn:
        waiting = [one for one in threats.unresolved(conn, MOST_UNRESOLVED) if one.unresolved_because != OUT_OF_SCOPE]
        found = {one.id: resolve(conn, one.observed.device, Scope(None)) for one in waiting}
    resolved = [one for one in waiting if found[one.id][0] is not None]
    if not resolved:
        return 0

    def unit(conn: Connection) -> None:
        correlation, changed = Correlation(conn), []
        for one in resolved:
            detection, _ = threats.take(conn, one.intake, one.observed, *found[one.id], now)
            threats.hang(conn, detection, correlation.links(detection))
            changed.append(detection)
        threats.tell(conn, changed, now)

    database.write(unit)
    return len(resolved)


def resolve(conn: Connection, hints: DeviceHints, scope: Scope) -> tuple[int | None, str]:
    """The one device that the hints name, or None and why. Never a guess: what fits several devices fits none.

    Ids count most, then hardware, names and addresses; a later kind only tells apart what an earlier one left open.
    """
    among: set[int] | None = None
    is_outside = False
    for candidates in _candidates(conn, hints):
        if not candidates:
            continue
        seen = {one.id for one in inventory.devices(conn, sorted(candidates)[:50]) if scope.includes(one.group_id)}
        is_outside = is_outside or len(seen) < len(candidates)
        if not seen:
            continue
        narrowed = seen if among is None else seen & among
        among = narrowed or among
        if among is not None and len(among) == 1:
            return next(iter(among)), ""
    if among:
        return None, AMBIGUOUS
    return None, OUT_OF_SCOPE if is_outside else UNKNOWN


def _candidates(conn: Connection, hints: DeviceHints) -> Iterable[set[int]]:
    yield {found for one in hints.ids if (found := inventory.device_id_of(conn, one)) is not None}
    yield inventory.devices_with_hardware(conn, hints.hardware)
    yield {device for name in hints.names for device in _named(conn, name)}
    for address in hints.addresses[:10]:
        if not _is_everywhere(address):
            yield inventory.devices_with_address(conn, address)


def _named(conn: Connection, name: str) -> set[int]:
    """Devices of that name; a full one is also that of a device with the short one, unless its domain differs."""
    plain = name.strip().rstrip(".")
    found = set(inventory.device_ids_named(conn, plain))
    short, dot, domain = plain.partition(".")
    if not found and dot:
        shorter = inventory.devices(conn, inventory.device_ids_named(conn, short))
        found = {one.id for one in shorter if not one.domain or one.domain.lower() == domain.lower()}
    return found


def _is_everywhere(address: str) -> bool:
    return address.startswith(("127.", "0.", "169.254.", "fe80:")) or address in ("::1", "::", "any", "localhost")
