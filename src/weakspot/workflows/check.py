"""Prove that what runs is what follows from what was asserted and decided; derive it again where it does not."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from weakspot import fleet, intel, inventory, matching
from weakspot.inventory import labels, settings
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros
from weakspot.workflows.activity import sweep_activity
from weakspot.workflows.correlating import hang_again, link_differences
from weakspot.workflows.scores import active_score_differences
from weakspot.workflows.services import Services

_LIMIT = 20
_SWEEP_BACK: Micros = DAY


class CheckOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, and the first differences of each part; ``is_exact`` when there are none."""

    is_exact: bool
    seq: int
    parts: dict[str, int]
    differences: list[str]


def check(services: Services, follower: fleet.FleetFollower | None) -> CheckOutcome:
    """Compare the derived tables and, where one runs, the fleet index with what a full rebuild gives."""
    # A device that fell silent since the last sweep is counted by the running index and not by a fresh one.
    now = services.clock()
    sweep_activity(services.database, now - _SWEEP_BACK, now)
    with services.database.read() as conn:
        seq = changes.last_seq(conn)
        parts: dict[str, list[str]] = {
            "vulnerabilities": [str(difference) for difference in intel.rebuild_check(conn)],
            "matches": matching.differences(conn),
            "detections": link_differences(conn),
            "settings": settings.differences(conn),
            "labels": labels.differences(conn, inventory.described_devices(conn)),
        }
    if follower is not None:
        parts["fleet"] = follower.compare()
        parts["active scores"] = active_score_differences(services.database, follower.fleet, now)
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
        labels.rebuild(conn, inventory.described_devices(conn), now)
        changed = matching.rebuild(conn, intel.current_version(conn), now)
        hang_again(conn, now)
        return changed

    return services.database.write(unit)
