"""The charts of the vulnerable devices report over time (spec/features.md 18).

A day is made of what each software version carried then and of the bitmaps of the devices that had it, so it costs as
much as there are software versions with weaknesses, whatever the number of devices and of findings. What came and went
on the devices since the first day is read once for all days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot.queries import intervals
from weakspot.queries.columns import EXPLOIT_LEVELS, Ids, VulnerabilityColumns
from weakspot.queries.intervals import Carried
from weakspot.queries.lens import Lens
from weakspot.queries.off_times import OffThen
from weakspot.queries.vulnerable_devices import AGES, Filters, ages, kept, of_systems, systems_of
from weakspot.runtime.clock import Micros
from weakspot.vocabulary.severity import ORDER

_WORDS: tuple[tuple[str, dict[int, str]], ...] = (
    ("severity", {rank: word for word, rank in ORDER.items()}),
    ("exploit", dict(reversed(list(enumerate(EXPLOIT_LEVELS))))),
    ("age", {rank: word for rank, (word, _, _) in reversed(list(enumerate(AGES)))}),
)
"""Charts by rank, with the words of the ranks, the highest first."""

_NOTHING = BitMap()

Ranks = npt.NDArray[np.int8]
Rank = tuple[int, int, int]
"""Severity, exploit level and age."""


class PastDay(msgspec.Struct, frozen=True):
    """Devices of the scope at a moment: by the name of a chart's filter, the number under each of its values."""

    at: Micros
    charts: Mapping[str, Mapping[str, int]]


def past(lens: Lens, filters: Filters, moments: Sequence[Micros]) -> list[PastDay]:
    """The charts at some moments, of the devices that count now and with the systems that they have now.

    Weaknesses are those of the moment, as old as they were then, with the severity and exploit level of today; so the
    filters are meant. One that needs a part of the system is none on a device that had told by then that the part is
    off (spec/features.md 11.5); what had not been told yet is unknown, and counts.
    """
    counted = of_systems(lens, filters)
    series = intervals.Series(lens.conn, counted, min(moments), view=lens.view)
    columns = lens.vulnerability_columns(np.unique(series.matches.vulnerability))
    off = OffThen(lens, series.matches.vulnerability, series.matches.version, min(moments))
    return [_day(lens, columns, filters, series.at(at), off, at) for at in moments]


def _day(
    lens: Lens, columns: VulnerabilityColumns, filters: Filters, carried: Carried, off: OffThen, at: Micros
) -> PastDay:
    by_rank = _by_rank(columns, filters, carried, off, at)
    charts: dict[str, Mapping[str, int]] = {}
    for number, (name, words) in enumerate(_WORDS):
        counts = _stacked((rank[number], devices) for rank, devices in by_rank.items())
        charts[name] = {word: counts.get(rank, 0) for rank, word in words.items()}
    devices = BitMap.union(BitMap(), *by_rank.values())
    charts["os"] = dict(systems_of(lens, devices, windows=False))
    charts["os_version"] = dict(systems_of(lens, devices, windows=True))
    return PastDay(at, charts)


def _by_rank(
    columns: VulnerabilityColumns, filters: Filters, carried: Carried, off: OffThen, at: Micros
) -> dict[Rank, BitMap]:
    """Devices by the highest ranks of a software version on them; a device is under each of its versions."""
    found: defaultdict[Rank, BitMap] = defaultdict(BitMap)
    off_then = off.off_at(at)
    chosen, ranks = _ranked(columns, filters, carried.vulnerability, at)
    versions = carried.version[chosen]
    parts = off.parts_needed(carried.vulnerability[chosen], versions)
    for part in np.unique(parts).tolist():
        of_part = np.flatnonzero(parts == part)
        for rank, alike in _highest(versions[of_part], ranks[of_part]).items():
            found[rank] |= carried.devices.union(alike) - off_then.get(part, _NOTHING)
    continued = list(carried.continued.items())
    chosen, ranks = _ranked(columns, filters, np.array([one for (_, one), _ in continued], np.int64), at)
    for place, (severity, exploit, age) in zip(chosen.tolist(), ranks.tolist(), strict=True):
        pair, devices = continued[place]
        found[severity, exploit, age] |= devices - off_then.get(off.part_needed(*pair), _NOTHING)
    return found


def _highest(versions: Ids, ranks: Ranks) -> dict[Rank, list[int]]:
    """Software versions by the highest of their ranks; both are parallel columns."""
    order = np.argsort(versions, kind="stable")
    starts = np.flatnonzero(np.diff(versions[order], prepend=-1))
    if not len(starts):
        return {}
    highest, inverse = np.unique(np.maximum.reduceat(ranks[order], starts), axis=0, return_inverse=True)
    of_rank = inverse.reshape(-1)
    return {
        (severity, exploit, age): versions[order][starts[of_rank == number]].tolist()
        for number, (severity, exploit, age) in enumerate(highest.tolist())
    }


def _ranked(columns: VulnerabilityColumns, filters: Filters, ids: Ids, at: Micros) -> tuple[Ids, Ranks]:
    """(places of the vulnerabilities that are known and that the filters leave; their severity, exploit level, age)."""
    places = np.flatnonzero(np.isin(ids, columns.ids))
    places = places[kept(columns, ids[places], filters, at)]
    known = columns.positions(ids[places])
    ranks = np.stack([columns.severity[known], columns.exploit[known], ages(columns, ids[places], at)], axis=1)
    return places, ranks.astype(np.int8)


def _stacked(classes: Iterable[tuple[int, BitMap]]) -> dict[int, int]:
    """Number of devices by the highest rank that they are under."""
    by_rank: defaultdict[int, BitMap] = defaultdict(BitMap)
    for rank, devices in classes:
        by_rank[rank] |= devices
    seen, counts = BitMap(), {}
    for rank in sorted(by_rank, reverse=True):
        counts[rank] = len(by_rank[rank] - seen)
        seen |= by_rank[rank]
    return counts
