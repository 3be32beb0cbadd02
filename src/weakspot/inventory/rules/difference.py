"""What a report changes: the installations after it, from those before it."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

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


def replaced(before: tuple[Ids, Times], wanted: set[int], at: Micros) -> Difference:
    """A full report: exactly ``wanted`` is installed; what was there keeps its first-seen time."""
    ids, first_seen = before
    target = np.array(sorted(wanted), np.uint32)
    kept = _is_in(ids, target)
    known = _is_in(target, ids)
    times = np.full(len(target), at, np.int64)
    times[known] = first_seen[kept]
    return Difference(
        ids=target,
        first_seen=times,
        added=target[~known].tolist(),
        removed=ids[~kept].tolist(),
        ended_since=first_seen[~kept].tolist(),
    )


def changed(before: tuple[Ids, Times], added: set[int], removed: set[int], at: Micros) -> Difference:
    """A delta: ``removed`` goes, then ``added`` comes; adding what is there changes nothing."""
    ids, first_seen = before
    present = set(ids.tolist())
    come, gone = sorted(added - present), sorted((removed - added) & present)
    if not come and not gone:
        return Difference(ids, first_seen, [], [], [])
    places = ids.searchsorted(np.array(gone, np.uint32))
    stays = np.ones(len(ids), np.bool_)
    stays[places] = False
    mixed = np.concatenate((ids[stays], np.array(come, np.uint32)))
    order = mixed.argsort(kind="stable")
    times = np.concatenate((first_seen[stays], np.full(len(come), at, np.int64)))
    return Difference(mixed[order], times[order], come, gone, first_seen[places].tolist())


def _is_in(some: Ids, others: Ids) -> NDArray[np.bool_]:
    """Which of ``some`` are among ``others``; both ascending and unique."""
    if not len(others):
        return np.zeros(len(some), np.bool_)
    places = np.searchsorted(others, some)
    places[places == len(others)] = 0
    found: NDArray[np.bool_] = others[places] == some
    return found
