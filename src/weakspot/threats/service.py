"""Use cases of the threats: take what products detected, keep what people say of it, hang it on what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound, TooLarge
from weakspot.threats import intakes, rules, store
from weakspot.threats.contracts import MAX_EVENTS, Decision, Detection, Link, Mapping, Observed, RiskLevel
from weakspot.threats.intakes.base import Intake, listed
from weakspot.threats.intakes.generic.reader import mapped

DETECTIONS_CHANGED = "threats.detections"
MAX_MAPPINGS = 100


class Read(msgspec.Struct, frozen=True):
    """What an intake made of a body: events by their place in it, and why others could not be used."""

    observed: list[tuple[int, Observed]]
    refused: list[tuple[int, str]]
    ignored: int
    """Events that are no detections."""


def intake_named(conn: Connection, name: str) -> Intake:
    """A built-in intake, or one that a mapping makes. Raises NotFound, which lists them."""
    found = intakes.BY_NAME.get(name)
    if found is not None:
        return found
    made = {one.name: one for one, _, _ in store.mappings(conn)}
    if name not in made:
        known = ", ".join(sorted({*intakes.BY_NAME, *made}))
        raise NotFound(f"There is no intake of that name; there are: {known}.")
    own = made[name]
    return Intake(
        name=own.name,
        title=own.product,
        specification="",
        read=lambda document: mapped(document, own),
        events=listed(*([own.items] if own.items else ["events", "alerts", "detections"])),
    )


def read_events(intake: Intake, body: Any) -> Read:
    """Read a body, event by event: one that cannot be used does not stop the others. Raises TooLarge."""
    observed: list[tuple[int, Observed]] = []
    refused: list[tuple[int, str]] = []
    ignored = 0
    for place, event in enumerate(intake.events(body)):
        if place >= MAX_EVENTS:
            raise TooLarge(f"More than {MAX_EVENTS:,} events in one call; send them in parts.")
        if not isinstance(event, dict):
            refused.append((place, "The event is not a JSON object."))
            continue
        try:
            found = intake.read(event)
        except InvalidField as error:
            refused.append((place, error.detail))
            continue
        if found is None:
            ignored += 1
        else:
            observed.append((place, found))
    return Read(observed, refused, ignored)


def take(
    conn: Connection, intake: str, observed: Observed, device_id: int | None, unresolved_because: str, now: Micros
) -> tuple[Detection, bool]:
    """Keep a detection, or bring a known one up to date; whether anything changed but the counter.

    A device that was resolved once stays that of the detection, also where the source names it no more.
    """
    known = store.find(conn, intake, observed.source_id)
    if known is None:
        taken = Detection(
            id=0,
            intake=intake,
            observed=observed,
            status=observed.status,
            is_active=rules.is_active(observed.status),
            device_id=device_id,
            unresolved_because=unresolved_because,
            created_at=now,
            updated_at=now,
            seen=1,
        )
        return msgspec.structs.replace(taken, id=store.insert(conn, taken, now)), True
    said, said_at = store.source_status(conn, known.id)
    taken = msgspec.structs.replace(
        known,
        observed=observed,
        device_id=known.device_id if device_id is None else device_id,
        unresolved_because="" if known.device_id is not None else unresolved_because,
    )
    is_news = taken != known
    changed = msgspec.structs.replace(taken, seen=known.seen + 1, updated_at=now if is_news else known.updated_at)
    store.update(conn, changed, said_at if observed.status == said else now)
    return _settled(conn, known.id), is_news


def decide(conn: Connection, detection_id: int, made: Decision, by: str, now: Micros) -> Detection:
    """Keep what a person says. Raises NotFound."""
    if store.one(conn, detection_id) is None:
        raise NotFound("There is no such detection; open it from the list of detections.")
    store.write_decision(conn, detection_id, made, by, now)
    after = _settled(conn, detection_id)
    store.touch(conn, detection_id, now)
    return msgspec.structs.replace(after, updated_at=now)


def hang(conn: Connection, detection: Detection, links: Sequence[Link]) -> bool:
    """Replace what a detection hangs on; whether anything changed. One that does not count hangs on nothing new."""
    return store.replace_links(conn, detection.id, links)


def tell(conn: Connection, detections: Iterable[Detection], now: Micros) -> None:
    """Tell the followers: their devices' hazards, insights and risk levels may have changed."""
    some = list(detections)
    devices = sorted({one.device_id for one in some if one.device_id is not None})
    ids = sorted({one.id for one in some})
    for start in range(0, len(ids), MAX_EVENTS):
        changes.append(
            conn,
            now,
            DETECTIONS_CHANGED,
            {"detection_ids": ids[start : start + MAX_EVENTS], "device_ids": devices if start == 0 else []},
        )


def put_mapping(conn: Connection, made: Mapping, author: str, now: Micros) -> None:
    """Add or replace a mapping. Raises Conflict for the name of a built-in intake, TooLarge when there are too many."""
    if made.name in intakes.BY_NAME or made.name == "mappings":
        raise Conflict(f"{made.name!r} is the name of a built-in intake; choose another.")
    known = {one.name for one, _, _ in store.mappings(conn)}
    if made.name not in known and len(known) >= MAX_MAPPINGS:
        raise TooLarge(f"There are {MAX_MAPPINGS} mappings; remove one first.")
    store.write_mapping(conn, made, author, now)


def remove_mapping(conn: Connection, name: str) -> None:
    """Raises NotFound."""
    if not store.delete_mapping(conn, name):
        raise NotFound("There is no mapping of that name.")


def _settled(conn: Connection, detection_id: int) -> Detection:
    """The detection as it now is; whether it counts follows from the newer word."""
    found = store.one(conn, detection_id)
    assert found is not None, "a detection that was just written"
    is_active = rules.is_active(found.status)
    if is_active != found.is_active:
        store.set_active(conn, detection_id, is_active)
    return msgspec.structs.replace(found, is_active=is_active)


def risk_levels(conn: Connection) -> dict[int, RiskLevel]:
    """Device -> risk level, of the devices with a detection that counts."""
    severities: dict[int, list[Any]] = {}
    for device_id, severity in store.active_severities(conn):
        severities.setdefault(device_id, []).append(severity)
    return {device_id: rules.risk_level(some) for device_id, some in severities.items()}


def raising(conn: Connection, device_ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
    """(device, vulnerability) whose hazard an active detection raises; None: of all devices."""
    return store.raising(conn, device_ids)
