"""All SQL of the threats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Prepared
from weakspot.threats import rules
from weakspot.threats.contracts import ActiveLink, Decision, Detection, Link, Mapping, Observed
from weakspot.threats.tables import decision, detection, link, mapping

_active_links = Prepared(
    sa.select(link.c.detection_id, link.c.device_id, link.c.software_id, link.c.vulnerability_id, detection.c.severity)
    .join(detection, detection.c.id == link.c.detection_id)
    .where(detection.c.is_active)
    .order_by(link.c.id)
)
_active_severities = Prepared(
    sa.select(detection.c.device_id, detection.c.severity).where(
        detection.c.is_active, detection.c.device_id.is_not(None)
    )
)
_observed = msgspec.msgpack.Decoder(Observed)
_mapping = msgspec.msgpack.Decoder(Mapping)
_DECIDED = (
    "status",
    "status_at",
    "classification",
    "determination",
    "assigned_to",
    "comment",
    "decided_by",
    "decided_at",
)


def find(conn: Connection, intake: str, source_id: str) -> Detection | None:
    """A detection by what its source calls it."""
    mine = sa.and_(detection.c.intake == intake, detection.c.source_id == source_id)
    row = conn.execute(_everything().where(mine)).first()
    return None if row is None else _detection(row)


def one(conn: Connection, detection_id: int) -> Detection | None:
    """A detection by its id."""
    row = conn.execute(_everything().where(detection.c.id == detection_id)).first()
    return None if row is None else _detection(row)


def some(conn: Connection, ids: Iterable[int]) -> dict[int, Detection]:
    """Detections by id; ids that are not there are left out."""
    found: dict[int, Detection] = {}
    for chunk in in_chunks(ids):
        for row in conn.execute(_everything().where(detection.c.id.in_(chunk))):
            found[row.id] = _detection(row)
    return found


def heads(conn: Connection) -> Iterator[tuple[int, int | None, bool, str, str, Micros, Micros]]:
    """(id, device, is active, severity, intake, created, updated) of all detections, newest first."""
    c = detection.c
    query = sa.select(c.id, c.device_id, c.is_active, c.severity, c.intake, c.created_at, c.updated_at)
    for row in conn.execute(query.order_by(c.id.desc()).execution_options(yield_per=5_000)):
        yield row.id, row.device_id, bool(row.is_active), row.severity, row.intake, row.created_at, row.updated_at


def insert(conn: Connection, taken: Detection, status_at: Micros) -> int:
    """A new detection; returns its id."""
    values = _values(taken, status_at) | {"created_at": taken.created_at}
    return int(conn.execute(detection.insert().values(values).returning(detection.c.id)).scalar_one())


def update(conn: Connection, taken: Detection, status_at: Micros) -> None:
    """The newest state of a known detection."""
    conn.execute(detection.update().where(detection.c.id == taken.id).values(_values(taken, status_at)))


def set_active(conn: Connection, detection_id: int, is_active: bool) -> None:
    """Whether it counts."""
    conn.execute(detection.update().where(detection.c.id == detection_id).values(is_active=is_active))


def touch(conn: Connection, detection_id: int, at: Micros) -> None:
    """Something about it is new."""
    conn.execute(detection.update().where(detection.c.id == detection_id).values(updated_at=at))


def source_status(conn: Connection, detection_id: int) -> tuple[str, Micros]:
    """What the source says, and since when."""
    query = sa.select(detection.c.source_status, detection.c.status_at).where(detection.c.id == detection_id)
    row = conn.execute(query).one()
    return row.source_status, row.status_at


def write_decision(conn: Connection, detection_id: int, made: Decision, by: str, at: Micros) -> None:
    """Keep what a person said; parts that are None stay as they were."""
    given = {name: value for name, value in msgspec.structs.asdict(made).items() if value is not None}
    if "status" in given:
        given["status_at"] = at
    given |= {"decided_by": by, "decided_at": at}
    mine = decision.c.detection_id == detection_id
    if conn.execute(decision.update().where(mine).values(given)).rowcount == 0:
        conn.execute(decision.insert().values(detection_id=detection_id, **given))


def replace_links(conn: Connection, detection_id: int, links: Sequence[Link]) -> bool:
    """Make these its links; whether anything changed."""
    had = links_of(conn, [detection_id])
    if had == list(links):
        return False
    conn.execute(link.delete().where(link.c.detection_id == detection_id))
    if links:
        conn.execute(link.insert(), [msgspec.structs.asdict(one) for one in links])
    return True


def links_of(conn: Connection, ids: Iterable[int]) -> list[Link]:
    """Links of detections, in the order in which they were made."""
    found: list[Link] = []
    for chunk in in_chunks(ids):
        query = sa.select(link).where(link.c.detection_id.in_(chunk)).order_by(link.c.id)
        found.extend(map(_link, conn.execute(query)))
    return found


def active_links(conn: Connection) -> list[ActiveLink]:
    """Links of the detections that count."""
    return [ActiveLink(*row) for row in _active_links.rows(conn, {})]


def active_severities(conn: Connection) -> Iterator[tuple[int, str]]:
    """(device, severity) of the detections that count, of known devices."""
    yield from _active_severities.rows(conn, {})


def raising(conn: Connection, device_ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
    """(device, vulnerability) whose hazard is raised now; None: of all devices."""
    query = (
        sa.select(link.c.device_id, link.c.vulnerability_id)
        .join(detection, detection.c.id == link.c.detection_id)
        .where(detection.c.is_active, link.c.is_raising, link.c.vulnerability_id.is_not(None))
        .distinct()
    )
    if device_ids is None:
        yield from ((row[0], row[1]) for row in conn.execute(query))
        return
    for chunk in in_chunks(device_ids):
        yield from ((row[0], row[1]) for row in conn.execute(query.where(link.c.device_id.in_(chunk))))


def active_of_devices(conn: Connection, device_ids: Iterable[int] | None) -> list[int]:
    """Ids of the detections that count on these devices (None: on any known one), ascending."""
    query = sa.select(detection.c.id).where(detection.c.is_active)
    if device_ids is None:
        query = query.where(detection.c.device_id.is_not(None))
        return sorted(conn.execute(query).scalars())
    found: list[int] = []
    for chunk in in_chunks(device_ids):
        found += conn.execute(query.where(detection.c.device_id.in_(chunk))).scalars()
    return sorted(found)


def unresolved(conn: Connection, limit: int) -> list[Detection]:
    """Detections that count and whose device is not known, newest first."""
    query = _everything().where(detection.c.device_id.is_(None), detection.c.is_active)
    return [_detection(row) for row in conn.execute(query.order_by(detection.c.id.desc()).limit(limit))]


def mappings(conn: Connection) -> list[tuple[Mapping, str, Micros]]:
    """(mapping, author, time) of all mappings, by name."""
    rows = conn.execute(sa.select(mapping).order_by(mapping.c.name))
    return [(_mapping.decode(row.document), row.author, row.updated_at) for row in rows]


def write_mapping(conn: Connection, made: Mapping, author: str, at: Micros) -> None:
    """Keep a mapping under its name."""
    values = {"document": msgspec.msgpack.encode(made), "author": author, "updated_at": at}
    mine = mapping.c.name == made.name
    if conn.execute(mapping.update().where(mine).values(values)).rowcount == 0:
        conn.execute(mapping.insert().values(name=made.name, **values))


def delete_mapping(conn: Connection, name: str) -> bool:
    """Whether there was one."""
    return conn.execute(mapping.delete().where(mapping.c.name == name)).rowcount > 0


def _everything() -> sa.Select[Any]:
    columns = [decision.c[name].label(f"d_{name}") for name in _DECIDED]
    return sa.select(detection, *columns).select_from(
        detection.outerjoin(decision, decision.c.detection_id == detection.c.id)
    )


def _values(taken: Detection, status_at: Micros) -> dict[str, Any]:
    return {
        "intake": taken.intake,
        "source_id": taken.observed.source_id,
        "observed": msgspec.msgpack.encode(taken.observed),
        "severity": taken.observed.severity,
        "source_status": taken.observed.status,
        "status_at": status_at,
        "is_active": taken.is_active,
        "device_id": taken.device_id,
        "unresolved_because": taken.unresolved_because,
        "updated_at": taken.updated_at,
        "seen": taken.seen,
    }


def _link(row: Any) -> Link:
    return Link(
        detection_id=row.detection_id,
        device_id=row.device_id,
        reason=row.reason,
        software_id=row.software_id,
        vulnerability_id=row.vulnerability_id,
        is_raising=bool(row.is_raising),
    )


def _detection(row: Any) -> Detection:
    status = rules.effective_status(row.source_status, row.status_at, row.d_status, row.d_status_at)
    resolved_at = None
    if status == "resolved":
        is_decided = row.d_status is not None and row.d_status_at is not None and row.d_status_at >= row.status_at
        resolved_at = row.d_status_at if is_decided else row.status_at
    return Detection(
        id=row.id,
        intake=row.intake,
        observed=_observed.decode(row.observed),
        status=status,
        is_active=bool(row.is_active),
        device_id=row.device_id,
        unresolved_because=row.unresolved_because,
        created_at=row.created_at,
        updated_at=row.updated_at,
        seen=row.seen,
        classification=row.d_classification,
        determination=row.d_determination or "",
        assigned_to=row.d_assigned_to or "",
        comment=row.d_comment or "",
        decided_by=row.d_decided_by or "",
        decided_at=row.d_decided_at,
        resolved_at=resolved_at,
    )
