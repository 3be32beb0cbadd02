"""Devices that fell silent: nothing comes of them any more, so somebody has to look."""

from __future__ import annotations

from weakspot import inventory
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database


def sweep_activity(database: Database, previous: Micros, now: Micros) -> int:
    """Tell the followers which devices fell silent since the previous sweep. Returns how many.

    It is read beside the writer, as it looks at every device; one that comes back meanwhile is told in vain.
    """
    with database.read() as conn:
        silent = inventory.fallen_silent(conn, previous, now)
    if silent:
        database.write(lambda conn: inventory.tell_silent(conn, silent, now))
    return len(silent)
