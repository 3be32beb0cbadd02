"""Findings over time, for any part of the fleet: since when, until when, as of a day, and what changed between two.

Everything is derived from the intervals of installations and matches when it is asked for; no row is kept for a
finding. What is asked for single findings (``episodes_of``) goes device by device in chunks; what is counted over the
fleet (``as_of``, ``between``) goes by bitmaps of software versions (``installed_then``). The rules are those of
``findings``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec
import numpy as np
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import inventory, matching
from weakspot.fleet import FleetView
from weakspot.queries.episodes import Episodes, Installed, Int64s, Matched, episodes, matched
from weakspot.queries.findings import FOREVER, JUDGED_WITHIN
from weakspot.queries.installed_then import InstalledThen, Moment, columns
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

DEVICES_AT_ONCE = 500
"""Devices whose episodes are held in memory together: at 350 findings a device some 50 MiB."""

_NOTHING = BitMap()

Pair = tuple[int, int]
"""(software id, vulnerability id)"""


class Knowledge(msgspec.Struct, frozen=True):
    """What does not depend on devices: all counted matches with their intervals, and the software of each version."""

    matches: Matched
    software_of: Int64s


class Life(msgspec.Struct, frozen=True):
    """Since when a finding holds, and how often it had ended before and come back."""

    since: Micros
    reopened: int


class AsOf(msgspec.Struct, frozen=True):
    """The findings of one moment, as sets. ``devices``: (software, vulnerability) -> devices on which it held."""

    at: Micros
    devices: Mapping[Pair, BitMap]

    def by_vulnerability(self) -> dict[int, BitMap]:
        """Vulnerability -> devices that had it through any software."""
        found: defaultdict[int, list[BitMap]] = defaultdict(list)
        for (_, vulnerability), devices in self.devices.items():
            found[vulnerability].append(devices)
        return {one: BitMap.union(_NOTHING, *some) for one, some in found.items()}

    def count(self) -> int:
        """How many findings there were."""
        return sum(len(devices) for devices in self.devices.values())


class Carried(msgspec.Struct, frozen=True):
    """One moment by software version: parallel columns of what carried what then, and the devices of each version.

    continued: (software, vulnerability) -> devices on which it went on though the version there was not judged yet.
    """

    version: Int64s
    vulnerability: Int64s
    devices: Moment
    continued: Mapping[Pair, BitMap]


class Difference(msgspec.Struct, frozen=True):
    """What is otherwise at ``end`` than at ``begin``: findings that came and went, by (software, vulnerability).

    What came and went in between is in neither.
    """

    begin: Micros
    end: Micros
    new: Mapping[Pair, BitMap]
    fixed: Mapping[Pair, BitMap]


def knowledge(conn: Connection) -> Knowledge:
    """All matches of this snapshot. Read it once for several questions about the same snapshot."""
    return Knowledge(matched(matching.interval_rows(conn, None)), _software_of(conn, None))


def _software_of(conn: Connection, versions: list[int] | None) -> Int64s:
    software = inventory.software_of(conn, versions)
    table = np.zeros(max(software, default=0) + 1, np.int64)
    if software:
        table[np.fromiter(software, np.int64, len(software))] = np.fromiter(software.values(), np.int64, len(software))
    return table


def episodes_of(conn: Connection, device_ids: Iterable[int], known: Knowledge | None = None) -> Iterator[Episodes]:
    """Episodes of all findings of these devices, ever; some devices at a time, in the order given."""
    facts = knowledge(conn) if known is None else known
    for some in in_chunks(device_ids, DEVICES_AT_ONCE):
        yield episodes(installations(conn, some), facts.matches, facts.software_of)


def lives(conn: Connection, device_ids: Iterable[int], vulnerability_id: int) -> dict[int, Life]:
    """Device -> since when it has a vulnerability, through any software; devices that have it now."""
    matches = matched(matching.interval_rows(conn, None, vulnerability_id=vulnerability_id))
    facts = Knowledge(matches, _software_of(conn, np.unique(matches.version).tolist()))
    found: dict[int, Life] = {}
    for some in episodes_of(conn, device_ids, facts):
        last = some.last()
        held = last.where(last.until == FOREVER)
        for device, since, number in zip(held.device.tolist(), held.since.tolist(), held.number.tolist(), strict=True):
            known = found.get(device, Life(since, number))
            found[device] = Life(min(known.since, since), max(known.reopened, number))
    return found


def as_of(
    conn: Connection,
    devices: BitMap | None,
    at: Micros,
    known: Knowledge | None = None,
    *,
    view: FleetView | None = None,
) -> AsOf:
    """The findings that held at a moment on these devices (None: all that there are).

    view: of the fleet index, about as old as the snapshot; it spares reading what is installed everywhere.
    """
    facts = knowledge(conn) if known is None else known
    return AsOf(at, _findings(conn, InstalledThen(conn, devices, at, view), facts, at))


def between(
    conn: Connection,
    devices: BitMap | None,
    begin: Micros,
    end: Micros,
    known: Knowledge | None = None,
    *,
    view: FleetView | None = None,
) -> Difference:
    """What changed from one moment to a later one, in one look through the inventories; ``view`` as in ``as_of``."""
    facts = knowledge(conn) if known is None else known
    then = InstalledThen(conn, devices, begin, view)
    before = _findings(conn, then, facts, begin)
    after = _findings(conn, then, facts, end)
    return Difference(begin, end, new=_without(after, before), fixed=_without(before, after))


class Series:
    """Several moments of some devices (None: all), in one look through the inventories. Cheaper than ``as_of`` for each
    where it is enough to know which software versions carried what; ``view`` as there.
    """

    def __init__(
        self, conn: Connection, devices: BitMap | None, earliest: Micros, *, view: FleetView | None = None
    ) -> None:
        self._conn = conn
        self.matches = matched(matching.interval_rows(conn, None))
        self._then = InstalledThen(conn, devices, earliest, view)

    def at(self, moment: Micros) -> Carried:
        """One of the moments, not before ``earliest``."""
        matches = self.matches
        holds = np.flatnonzero((matches.since <= moment) & (moment < matches.until))
        here = self._then.at(moment, np.unique(matches.version))
        late = _judged_late(self._then, here, matches, moment)
        continued: dict[Pair, BitMap] = {}
        if late:
            facts = Knowledge(matches, _software_of(self._conn, None))
            continued = _continued(self._conn, late, facts, moment)
        return Carried(matches.version[holds], matches.vulnerability[holds], here, continued)


def _without(some: Mapping[Pair, BitMap], others: Mapping[Pair, BitMap]) -> dict[Pair, BitMap]:
    left = ((pair, devices - others.get(pair, _NOTHING)) for pair, devices in some.items())
    return {pair: devices for pair, devices in left if devices}


def installations(conn: Connection, device_ids: list[int]) -> Installed:
    """All installations of some devices, present and past."""
    device, version, since = columns(list(inventory.present_times(conn, device_ids)))
    past = inventory.ended_times(conn, device_ids)
    return Installed(
        device=np.concatenate([device, past.device]),
        version=np.concatenate([version, past.version]),
        since=np.concatenate([since, past.since]),
        until=np.concatenate([np.full(len(device), FOREVER), past.until]),
    )


def _findings(conn: Connection, then: InstalledThen, facts: Knowledge, at: Micros) -> dict[Pair, BitMap]:
    """Vulnerabilities that the same versions of a software carried share one set of devices: do not change them."""
    matches = facts.matches
    here = then.at(at, np.unique(matches.version))
    holds = np.flatnonzero((matches.since <= at) & (at < matches.until))
    software = facts.software_of[matches.version[holds]]
    carriers: defaultdict[Pair, list[int]] = defaultdict(list)
    for one, vulnerability, version in zip(
        software.tolist(), matches.vulnerability[holds].tolist(), matches.version[holds].tolist(), strict=True
    ):
        carriers[one, vulnerability].append(version)
    unions: dict[tuple[int, ...], BitMap] = {}
    found: dict[Pair, BitMap] = {}
    for pair, some in carriers.items():
        versions = tuple(some)
        if versions not in unions:
            unions[versions] = here.union(versions)
        if unions[versions]:
            found[pair] = unions[versions]
    for pair, more in _continued(conn, _judged_late(then, here, matches, at), facts, at).items():
        found[pair] = found.get(pair, _NOTHING) | more
    return found


def _judged_late(then: InstalledThen, here: Moment, matches: Matched, at: Micros) -> BitMap:
    """Devices on which findings may have gone on though their new version was judged only soon after the moment
    (``JUDGED_WITHIN``).
    """
    is_late = (matches.since > at) & (matches.since <= at + JUDGED_WITHIN)
    candidates = here.union(np.unique(matches.version[is_late]).tolist())
    if not candidates:
        return _NOTHING
    # What goes on has a part before: an installation, or a match, that ended shortly before the moment.
    has_ended = (matches.until > at - JUDGED_WITHIN) & (matches.until <= at)
    before = here.union(np.unique(matches.version[has_ended]).tolist())
    before |= then.ended_within(at - JUDGED_WITHIN, at)
    return candidates & before


def _continued(conn: Connection, devices: BitMap, facts: Knowledge, at: Micros) -> dict[Pair, BitMap]:
    """Findings of these devices at the moment, by their lives."""
    found: defaultdict[Pair, list[int]] = defaultdict(list)
    for some in episodes_of(conn, devices, facts):
        held = some.at(at)
        for device, software, vulnerability in zip(
            held.device.tolist(), held.software.tolist(), held.vulnerability.tolist(), strict=True
        ):
            found[software, vulnerability].append(device)
    return {pair: BitMap(members) for pair, members in found.items()}
