"""What each report changed: the change feed of one device and of the fleet.

In: the difference that a report made. Out: changes by device, or of the fleet from any position in either direction.
Invariants: one row for each report that changed something, after the device's first; rows never change. The feed may be
pruned: installations keep their own times (``inventory_ended_installation``).
"""

from weakspot.inventory.history.store import (
    Noted,
    RecordedChange,
    Stretch,
    newer,
    newest,
    of_device,
    older,
    position_at,
    prune,
    record,
)

__all__ = [
    "Noted", "RecordedChange", "Stretch", "newer", "newest", "of_device", "older", "position_at", "prune", "record",
]  # fmt: skip
