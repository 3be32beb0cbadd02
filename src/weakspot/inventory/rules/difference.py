"""What a report changes: the installations after it, from those before it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import msgspec
import numpy as np

from weakspot.inventory.packing import Ids, Times
from weakspot.runtime.clock import Micros


class Difference(msgspec.Struct, frozen=True):
    """Installations after a report; ``added`` and ``removed`` are ascending ids, ``ended_since`` goes with
    ``removed``.
    """

    ids: Ids
    first_seen: Times
    added: list[int]
    removed: list[int]
    ended_since: list[Micros]

    def ended(self, device_id: int, at: Micros) -> list[tuple[int, int, Micros, Micros]]:
        """Installations of this device that end at that moment: device, software version, first seen, removed."""
        ended = zip(self.removed, self.ended_since, strict=True)
        return [(device_id, version, since, at) for version, since in ended]


def replaced(before: tuple[Ids, Times], wanted: AbstractSet[int], at: Micros) -> Difference:
    """A full report: exactly ``wanted`` is installed; what was there keeps its first-seen time."""
    present = set(before[0].tolist())
    return edited(before, sorted(wanted - present), sorted(present - wanted), at)


def edited(before: tuple[Ids, Times], come: list[int], gone: list[int], at: Micros) -> Difference:
    """A delta. come: ids that are not there; gone: ids that are; each ascending."""
    ids, first_seen = before
    if not come and not gone:
        return Difference(ids, first_seen, [], [], [])
    places = ids.searchsorted(np.array(gone, np.uint32))
    stays = np.ones(len(ids), np.bool_)
    stays[places] = False
    mixed = np.concatenate((ids[stays], np.array(come, np.uint32)))
    order = mixed.argsort(kind="stable")
    times = np.concatenate((first_seen[stays], np.full(len(come), at, np.int64)))
    return Difference(mixed[order], times[order], come, gone, first_seen[places].tolist())
