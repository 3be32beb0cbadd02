"""What each report changed: the change feed of one device and of the fleet.

In: the difference that a report made. Out: changes by device, or the newest of the fleet.
Invariants: one row for each report that changed something, after the device's first; rows never change. The feed may be
pruned: installations keep their own times (``inventory_ended_installation``).
"""

from weakspot.inventory.history.store import RecordedChange, newest, of_device, prune, record

__all__ = ["RecordedChange", "newest", "of_device", "prune", "record"]
