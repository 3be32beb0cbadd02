"""Findings over time, for any part of the fleet: since when, until when, as of a day, and what changed between two.

Everything is derived from the intervals of installations and matches when it is asked for; no row is kept for a
finding. What is asked for single findings (``episodes_of``) goes device by device in chunks; what is counted over the
fleet (``as_of``, ``between``) goes by bitmaps of software versions. The rules are those of ``findings``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import inventory, matching
from weakspot.queries.episodes import Episodes, Installed, Int64s, Matched, episodes, matched
from weakspot.queries.findings import FOREVER, JUDGED_WITHIN
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

DEVICES_AT_ONCE = 500
"""Devices whose episodes are held in memory together: at 350 findings a device some 50 MiB."""

_SCANNED_AT_ONCE = 20_000
"""Devices whose installations are sorted together: some 150 MiB while they are."""
_NOTHING = BitMap()
_NONE: Int64s = np.empty(0, np.int64)
_Present = tuple[int, npt.NDArray[np.uint32], Int64s]

Pair = tuple[int, int]
"""(software id, vulnerability id)"""


class Knowledge(msgspec.Struct, frozen=True):
    """What does not depend on devices: all counted matches with their intervals, and the software of each version."""

    matches: Matched
    software_of: Int64s


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
    software = inventory.software_of(conn, None)
    table = np.zeros(max(software, default=0) + 1, np.int64)
    if software:
        table[np.fromiter(software, np.int64, len(software))] = np.fromiter(software.values(), np.int64, len(software))
    return Knowledge(matched(matching.interval_rows(conn, None)), table)


def episodes_of(conn: Connection, device_ids: Iterable[int], known: Knowledge | None = None) -> Iterator[Episodes]:
    """Episodes of all findings of these devices, ever; some devices at a time, in the order given."""
    facts = knowledge(conn) if known is None else known
    for some in in_chunks(device_ids, DEVICES_AT_ONCE):
        yield episodes(_installed(conn, some), facts.matches, facts.software_of)


def as_of(conn: Connection, devices: BitMap | None, at: Micros, known: Knowledge | None = None) -> AsOf:
    """The findings that held at a moment on these devices (None: all that there are)."""
    facts = knowledge(conn) if known is None else known
    (here,) = _versions_at(conn, devices, (at,))
    return AsOf(at, _findings(conn, here, facts, devices, at))


def between(
    conn: Connection, devices: BitMap | None, begin: Micros, end: Micros, known: Knowledge | None = None
) -> Difference:
    """What changed from one moment to a later one, in one look through the inventories."""
    facts = knowledge(conn) if known is None else known
    then, now = _versions_at(conn, devices, (begin, end))
    before = _findings(conn, then, facts, devices, begin)
    after = _findings(conn, now, facts, devices, end)
    return Difference(begin, end, new=_without(after, before), fixed=_without(before, after))


def _without(some: Mapping[Pair, BitMap], others: Mapping[Pair, BitMap]) -> dict[Pair, BitMap]:
    left = ((pair, devices - others.get(pair, _NOTHING)) for pair, devices in some.items())
    return {pair: devices for pair, devices in left if devices}


def _installed(conn: Connection, device_ids: list[int]) -> Installed:
    present = list(inventory.present_times(conn, device_ids))
    past = np.array(list(inventory.ended_times(conn, device_ids)), np.int64).reshape(-1, 4).T
    device, version, since = _columns(present)
    return Installed(
        device=np.concatenate([device, past[0]]),
        version=np.concatenate([version, past[1]]),
        since=np.concatenate([since, past[2]]),
        until=np.concatenate([np.full(len(device), FOREVER), past[3]]),
    )


def _columns(present: Sequence[_Present]) -> tuple[Int64s, Int64s, Int64s]:
    """(device, version, since) of all installations of some devices."""
    if not present:
        return _NONE, _NONE, _NONE
    devices = np.array([device_id for device_id, _, _ in present], np.int64)
    version = np.concatenate([versions for _, versions, _ in present]).astype(np.int64)
    since = np.concatenate([times for _, _, times in present])
    return np.repeat(devices, [len(times) for _, _, times in present]), version, since


def _versions_at(conn: Connection, devices: BitMap | None, moments: tuple[Micros, ...]) -> list[dict[int, BitMap]]:
    """For each moment: software version -> devices that had it."""
    found: list[dict[int, BitMap]] = [{} for _ in moments]
    for some in in_chunks(inventory.present_times(conn, devices), _SCANNED_AT_ONCE):
        device, version, since = _columns(some)
        for bitmaps, moment in zip(found, moments, strict=True):
            is_there = since <= moment
            _add(bitmaps, device[is_there], version[is_there])
    past = np.array(list(inventory.ended_times(conn, devices, min(moments))), np.int64).reshape(-1, 4).T
    for bitmaps, moment in zip(found, moments, strict=True):
        was_there = (past[2] <= moment) & (moment < past[3])
        _add(bitmaps, past[0][was_there], past[1][was_there])
    return found


def _add(bitmaps: dict[int, BitMap], device: Int64s, version: Int64s) -> None:
    pairs = np.sort((version.astype(np.uint64) << np.uint64(32)) | device.astype(np.uint64))
    versions, members = (pairs >> np.uint64(32)).astype(np.int64), pairs.astype(np.uint32)
    starts = np.flatnonzero(np.diff(versions, prepend=-1))
    ends = np.append(starts[1:], len(versions))
    for number, start, end in zip(versions[starts].tolist(), starts.tolist(), ends.tolist(), strict=False):
        some = BitMap(members[start:end])
        known = bitmaps.get(number)
        bitmaps[number] = some if known is None else known | some


def _findings(
    conn: Connection, here: Mapping[int, BitMap], facts: Knowledge, devices: BitMap | None, at: Micros
) -> dict[Pair, BitMap]:
    carriers: defaultdict[Pair, list[BitMap]] = defaultdict(list)
    matches = facts.matches
    holds = (matches.since <= at) & (at < matches.until)
    for version, vulnerability in zip(
        matches.version[holds].tolist(), matches.vulnerability[holds].tolist(), strict=True
    ):
        if version in here:
            carriers[int(facts.software_of[version]), vulnerability].append(here[version])
    found = {pair: some[0] if len(some) == 1 else BitMap.union(_NOTHING, *some) for pair, some in carriers.items()}
    for pair, more in _continued(conn, here, facts, devices, at).items():
        found[pair] = found.get(pair, _NOTHING) | more
    return found


def _continued(
    conn: Connection, here: Mapping[int, BitMap], facts: Knowledge, devices: BitMap | None, at: Micros
) -> dict[Pair, BitMap]:
    """Findings that went on at the moment though their new version was judged only soon after (``JUDGED_WITHIN``)."""
    matches = facts.matches
    is_late = (matches.since > at) & (matches.since <= at + JUDGED_WITHIN)
    versions = {one for one in np.unique(matches.version[is_late]).tolist() if one in here}
    candidates = BitMap.union(_NOTHING, *(here[one] for one in versions))
    # What goes on has a part before: an installation, or a match, that ended shortly before the moment.
    has_ended = (matches.until > at - JUDGED_WITHIN) & (matches.until <= at)
    before = [here[one] for one in np.unique(matches.version[has_ended]).tolist() if one in here]
    if candidates:
        ended = inventory.ended_times(conn, devices, at - JUDGED_WITHIN)
        before.append(BitMap([device for device, _, _, removed_at in ended if removed_at <= at]))
    found: defaultdict[Pair, list[int]] = defaultdict(list)
    for some in episodes_of(conn, candidates & BitMap.union(_NOTHING, *before), facts):
        held = some.at(at)
        for device, software, vulnerability in zip(
            held.device.tolist(), held.software.tolist(), held.vulnerability.tolist(), strict=True
        ):
            found[software, vulnerability].append(device)
    return {pair: BitMap(members) for pair, members in found.items()}
