"""All SQL about what is wrong with sensors and agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import CollectorOutcome
from weakspot.inventory.troubles import rules
from weakspot.inventory.troubles.contracts import AgentLog, LogLine, Troubles
from weakspot.inventory.troubles.tables import agent_log, trouble
from weakspot.runtime.clock import Micros
from weakspot.runtime.compression import compress, decompress
from weakspot.runtime.prepared import Keyed, Prepared

INCOMPLETE, REFUSED = "incomplete", "refused"
_lines = msgspec.msgpack.Decoder(tuple[LogLine, ...])
_of_device = Prepared(
    sa.select(trouble.c.kind, trouble.c.detail, trouble.c.at).where(trouble.c.device_id == sa.bindparam("device_id"))
)
_of_devices = Keyed(sa.select(trouble.c.device_id, trouble.c.kind, trouble.c.detail), trouble.c.device_id)


def note_collectors(conn: Connection, told: Mapping[int, tuple[Sequence[CollectorOutcome], Micros]]) -> None:
    """Reports of devices were recorded, each with its moment: which of their parts failed; one that is whole ends what
    was wrong.
    """
    rows: dict[int, dict[str, str]] = {}
    for device_id, kind, detail in _of_devices.rows(conn, told):
        rows.setdefault(device_id, {})[kind] = detail
    for device_id, (outcomes, now) in told.items():
        known = rows.get(device_id, {})
        detail = rules.failures(outcomes)
        if detail != known.get(INCOMPLETE, ""):
            _write(conn, device_id, INCOMPLETE, detail, now)
        if REFUSED in known:
            _write(conn, device_id, REFUSED, "", now)


def note_refusal(conn: Connection, device_id: int, reason: str, now: Micros) -> None:
    """A report of this device was refused."""
    _write(conn, device_id, REFUSED, reason[: rules.MAX_DETAIL], now)


def of_device(conn: Connection, device_id: int) -> Troubles:
    """What is wrong with one device's sensor."""
    found = {kind: (detail, at) for kind, detail, at in _of_device.all(conn, {"device_id": device_id})}
    refused = found.get(REFUSED, ("", None))
    return Troubles(incomplete=found.get(INCOMPLETE, ("", 0))[0], refused=refused[0], refused_at=refused[1])


def all_troubles(conn: Connection) -> tuple[list[int], dict[int, Micros]]:
    """Devices whose last report was incomplete, ascending; devices with a refused report -> when."""
    rows = conn.execute(sa.select(trouble.c.device_id, trouble.c.kind, trouble.c.at).order_by(trouble.c.device_id))
    incomplete: list[int] = []
    refused: dict[int, Micros] = {}
    for row in rows:
        if row.kind == INCOMPLETE:
            incomplete.append(row.device_id)
        else:
            refused[row.device_id] = row.at
    return incomplete, refused


def keep_log(conn: Connection, told: Mapping[tuple[int, str], Sequence[LogLine]], now: Micros) -> None:
    """Add lines of (device id, source), many at once."""
    for (device_id, source), lines in told.items():
        this = (agent_log.c.device_id == device_id) & (agent_log.c.source == source)
        row = conn.execute(sa.select(agent_log.c.document).where(this)).first()
        known = () if row is None else _lines.decode(decompress(row.document))
        values = {"document": compress(msgspec.msgpack.encode(rules.newest(known, lines))), "told_at": now}
        if row is None:
            conn.execute(agent_log.insert().values(device_id=device_id, source=source, **values))
        else:
            conn.execute(agent_log.update().where(this).values(values))


def logs_of(conn: Connection, device_id: int) -> list[AgentLog]:
    """The logs of a device's agents, by source."""
    query = sa.select(agent_log.c.source, agent_log.c.document).where(agent_log.c.device_id == device_id)
    return [
        AgentLog(source=row.source, lines=_lines.decode(decompress(row.document)))
        for row in conn.execute(query.order_by(agent_log.c.source))
    ]


def forget(conn: Connection, device_id: int) -> None:
    """The device is no more."""
    for table in (trouble, agent_log):
        conn.execute(table.delete().where(table.c.device_id == device_id))


def _write(conn: Connection, device_id: int, kind: str, detail: str, now: Micros) -> None:
    this = (trouble.c.device_id == device_id) & (trouble.c.kind == kind)
    conn.execute(trouble.delete().where(this))
    if detail:
        conn.execute(trouble.insert().values(device_id=device_id, kind=kind, detail=detail, at=now))
