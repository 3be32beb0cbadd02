"""The life of many findings at once, on arrays: the rules of ``findings``, for fleets.

A finding is (device, software, vulnerability). Its *episodes* are the times in which it held without a break: what is
installed cut with what matches, adjacent pieces joined. The first moment of the last episode is when it was detected,
its end is when it was fixed, and a second episode means that it came back.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
import numpy.typing as npt

from weakspot.queries.findings import FOREVER, JUDGED_WITHIN
from weakspot.runtime.clock import Micros

Int64s = npt.NDArray[np.int64]
_NONE: Int64s = np.empty(0, np.int64)


class Installed(msgspec.Struct, frozen=True):
    """Installations as columns: each version on a device in ``[since, until)``; FOREVER: it is there now."""

    device: Int64s
    version: Int64s
    since: Int64s
    until: Int64s


class Matched(msgspec.Struct, frozen=True):
    """Matches as columns, by version: each vulnerability in ``[since, until)``; FOREVER: it holds now."""

    version: Int64s
    vulnerability: Int64s
    since: Int64s
    until: Int64s


class Episodes(msgspec.Struct, frozen=True):
    """Episodes as columns, by device, software, vulnerability and time; ``version``: the one that speaks for it.

    number: 0 for the first episode of its finding, then 1, 2, ...; is_last: whether none follows.
    """

    device: Int64s
    software: Int64s
    vulnerability: Int64s
    version: Int64s
    since: Int64s
    until: Int64s
    number: Int64s
    is_last: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.device)

    def where(self, chosen: npt.NDArray[np.bool_]) -> Episodes:
        """Those that are chosen."""
        return Episodes(*(getattr(self, name)[chosen] for name in self.__struct_fields__))

    def at(self, moment: Micros) -> Episodes:
        """Findings that held at a moment."""
        return self.where((self.since <= moment) & (moment < self.until))

    def last(self) -> Episodes:
        """One row a finding: its last episode. ``number`` is how often it came back."""
        return self.where(self.is_last)


def matched(rows: Iterable[tuple[int, int, Micros, Micros | None]]) -> Matched:
    """Columns of (version, vulnerability, since, until or None), by version."""
    whole = [(*row[:3], FOREVER if row[3] is None else row[3]) for row in rows]
    given = np.array(whole, np.int64).reshape(-1, 4)
    order = np.argsort(given[:, 0], kind="stable")
    return Matched(*np.ascontiguousarray(given[order].T))


def episodes(installed: Installed, matches: Matched, software_of: Int64s) -> Episodes:
    """All episodes of the devices whose installations are given, each device's wholly.

    software_of: software of a version, by version id. Cost: one sort of the pieces (installation x match).
    """
    place, match = _joined(installed, matches)
    since = np.maximum(installed.since[place], matches.since[match])
    until = np.minimum(installed.until[place], matches.until[match])
    seen = installed.since[place]
    is_piece = since < until
    place, match, since, until, seen = (one[is_piece] for one in (place, match, since, until, seen))
    if not len(place):
        return Episodes(*(_NONE,) * 7, np.empty(0, np.bool_))
    # A match that began soon after the installation counts from it on, where that continues something (findings).
    starts_at = np.where(since - seen <= JUDGED_WITHIN, seen, since)
    device, version = installed.device[place], installed.version[place]
    software, vulnerability = software_of[version], matches.vulnerability[match]
    group = _numbered(device, software, vulnerability)
    order = np.lexsort((until, since, group))
    group, until, since, starts_at = group[order], until[order], since[order], starts_at[order]
    is_new, begins = _breaks(group, starts_at, until)
    first = np.flatnonzero(begins)
    ends = np.maximum.reduceat(until, first)
    run = np.cumsum(begins) - 1
    at = np.arange(len(run))
    speaking = np.minimum.reduceat(np.where(until == ends[run], at, len(run)), first)
    number = np.arange(len(first)) - np.maximum.accumulate(np.where(is_new[first], np.arange(len(first)), 0))
    chosen = order[first]
    return Episodes(
        device=device[chosen],
        software=software[chosen],
        vulnerability=vulnerability[chosen],
        version=version[order][speaking],
        since=since[first],
        until=ends,
        number=number,
        is_last=np.append(is_new[first][1:], True),
    )


def _joined(installed: Installed, matches: Matched) -> tuple[Int64s, Int64s]:
    """Each installation with each match of its version: positions in both."""
    low = np.searchsorted(matches.version, installed.version, "left")
    counts = np.searchsorted(matches.version, installed.version, "right") - low
    place = np.repeat(np.arange(len(low)), counts)
    before = np.cumsum(counts) - counts
    return place, np.arange(len(place)) - before[place] + low[place]


def _numbered(device: Int64s, software: Int64s, vulnerability: Int64s) -> Int64s:
    """One number for each (device, software, vulnerability), in that order."""
    key = np.zeros(len(device), np.int64)
    for column in (device, software, vulnerability):
        values, index = np.unique(column, return_inverse=True)
        # Below 2**62: only the values that occur count, and a call is for some thousands of devices.
        key = key * len(values) + index
    return key


def _breaks(group: Int64s, starts_at: Int64s, until: Int64s) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where a finding begins, and where an episode does: after everything before it in the finding has ended."""
    is_new = np.append(True, group[1:] != group[:-1])
    moments, rank = np.unique(until, return_inverse=True)
    # The latest end so far within a finding: ranks, lifted by the number of the finding so that none looks back.
    lifted = np.cumsum(is_new) * len(moments) + rank
    latest = moments[np.maximum.accumulate(lifted) % len(moments)]
    return is_new, is_new | np.append(True, starts_at[1:] > latest[:-1])
