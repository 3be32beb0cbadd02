"""Prove that what runs is what follows from what was asserted and decided; derive it again where it does not."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from weakspot import fleet, intel, matching, scoring
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.workflows.services import Services

_LIMIT = 20


class CheckOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, and the first differences of each part; ``is_exact`` when there are none."""

    is_exact: bool
    seq: int
    parts: dict[str, int]
    differences: list[str]


def check(services: Services, running: fleet.Fleet | None) -> CheckOutcome:
    """Compare derived tables and, where there is one, the running fleet index with a full rebuild."""
    with services.database.read() as conn:
        parts = {
            "vulnerabilities": intel.rebuild_check(conn),
            "matches": matching.differences(conn),
        }
        seq = changes.last_seq(conn)
        if running is not None:
            parts["fleet"] = _fleet_differences(services, conn, running, seq)
    return CheckOutcome(
        is_exact=not any(parts.values()),
        seq=seq,
        parts={name: len(found) for name, found in parts.items()},
        differences=[f"{name}: {text}" for name, found in parts.items() for text in found[:_LIMIT]],
    )


def rebuild(services: Services, now: Micros) -> int:
    """Derive all again from what was asserted and decided. Returns how many software versions changed."""

    def unit(conn: Connection) -> int:
        intel.rebuild(conn, now)
        return matching.rebuild(conn, intel.current_version(conn), now)

    return services.database.write(unit)


def _fleet_differences(services: Services, conn: Connection, running: fleet.Fleet, seq: int) -> list[str]:
    if not running.wait_for(seq, 30.0):
        return [f"the index stands at change {running.seq}, the database at {seq}"]
    fresh = fleet.build(conn, scoring.hazard, services.clock())
    return running.differences(fresh)
