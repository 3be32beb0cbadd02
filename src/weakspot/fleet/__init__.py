"""The fleet index: which devices have what, how many they are, and what hangs over each of them.

In: batches of absolute facts (installed versions, groups, matches, hazards), read from inventory, matching and intel by
``FleetFollower`` as ``changes`` name them; the hazard function is handed in by the composition root.
Out: bitmaps of devices for any vulnerability, software or version within a ``Scope``; counts and hazard sums of all of
them, ready to be sorted. ``Fleet.view()`` is one moment, immutable, for several questions that must agree.

Invariants: a batch is visible whole or not at all; every count and sum equals that of an index built from the tables
(``Fleet.differences`` proves it); sums are integers, so no order of events changes a bit; nothing is answered without a
scope, and devices that do not count are in no answer about a scope.
"""

from weakspot.fleet.contracts import (
    DEVICE_VALUES,
    UNKNOWN_HAZARD,
    Batch,
    DeviceFacts,
    DeviceValue,
    DeviceVersions,
    FleetCounts,
)
from weakspot.fleet.follower import FleetFollower
from weakspot.fleet.index import Fleet
from weakspot.fleet.lag import BOUNDS as LAG_BOUNDS
from weakspot.fleet.service import load
from weakspot.fleet.view import FleetView

__all__ = [
    "DEVICE_VALUES",
    "LAG_BOUNDS",
    "UNKNOWN_HAZARD",
    "Batch",
    "DeviceFacts",
    "DeviceValue",
    "DeviceVersions",
    "Fleet",
    "FleetCounts",
    "FleetFollower",
    "FleetView",
    "load",
]
