"""Which devices had a software version at a past moment, from the index of the present and what came and went since.

The present is in the fleet index as bitmaps; what was first seen after the moment is taken off them, and what ended
after it is put on again. So the cost is that of the software versions asked for and of the installations that changed
since, not of all that there are. Where the index cannot be used (too far from the snapshot, or none was given), the
present is read from the inventory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import inventory
from weakspot.fleet import FleetView
from weakspot.queries.findings import JUDGED_WITHIN
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

Int64s = npt.NDArray[np.int64]
Present = tuple[int, npt.NDArray[np.uint32], Int64s]

FOLLOW_AT_MOST = 20_000
"""Changes between index and snapshot; with more, the inventory is read instead."""
_ASK_EACH = 5_000
"""Up to this many devices are asked for by id; of more, all are read and cut."""
_READ_AT_ONCE = 20_000
"""Devices whose installations are sorted together: some 150 MiB while they are."""
_NOTHING = BitMap()
_NONE: Int64s = np.empty(0, np.int64)


class InstalledThen:
    """What was installed on some devices (None: all) at any moment from ``earliest`` on."""

    def __init__(
        self, conn: Connection, devices: BitMap | None, earliest: Micros, view: FleetView | None = None
    ) -> None:
        self.devices = devices
        ids = devices if devices is not None and len(devices) <= _ASK_EACH else None
        self.ended = inventory.ended_times(conn, ids, earliest - JUDGED_WITHIN)
        """Also what ended up to ``JUDGED_WITHIN`` before."""
        unlike = None if view is None else _unlike(conn, view)
        self._unlike: BitMap = _NOTHING if unlike is None else unlike
        self._present: Callable[[int], BitMap]
        if view is None or unlike is None:
            built = _built(inventory.present_times(conn, ids))
            self._present = lambda version: built.get(version, _NOTHING)
        else:
            self._present = view.installed.__getitem__
        found = inventory.arrivals(conn, ids, earliest)
        told = ~_among(found.place, self._unlike)
        self._arrived = tuple(column[told] for column in found)
        self._read = columns(list(inventory.present_times(conn, self._unlike)) if self._unlike else ())

    def at(self, moment: Micros, versions: Int64s) -> Moment:
        """What held then of these software versions; the moment is not before ``earliest``."""
        wanted = np.zeros(int(max(versions, default=0)) + 1, np.bool_)
        wanted[versions] = True
        device, version, since = self._arrived
        late = _kept(wanted, version, since > moment)
        minus = by_version(device[late], version[late])
        own_device, own_version, own_since = self._read
        own = _kept(wanted, own_version, own_since <= moment)
        ended = self.ended
        gone = _kept(wanted, ended.version, (ended.since <= moment) & (moment < ended.until))
        plus = by_version(
            np.concatenate([own_device[own], ended.device[gone]]),
            np.concatenate([own_version[own], ended.version[gone]]),
        )
        return Moment(self, minus, plus)

    def ended_within(self, begin: Micros, end: Micros) -> BitMap:
        """Devices on which something ended after ``begin`` and until ``end``."""
        is_then = (self.ended.until > begin) & (self.ended.until <= end)
        return BitMap(self.ended.device[is_then].astype(np.uint32))

    def arrived_on(self) -> BitMap:
        """Devices on which something that is there now was first seen after ``earliest``; or that may be such."""
        return BitMap(self._arrived[0].astype(np.uint32)) | self._unlike

    def now(self, version: int) -> BitMap:
        """Devices that have a version now, by the index where it is like the snapshot."""
        return self._present(version) - self._unlike if self._unlike else self._present(version)


class Moment:
    """Software version -> devices that had it at one moment; of the versions that were asked for."""

    def __init__(self, then: InstalledThen, minus: Mapping[int, BitMap], plus: Mapping[int, BitMap]) -> None:
        self._then = then
        self._minus = minus
        self._plus = plus
        self._known: dict[int, BitMap] = {}

    def __getitem__(self, version: int) -> BitMap:
        found = self._known.get(version)
        if found is None:
            found = self._known[version] = self._make(version)
        return found

    def union(self, versions: Iterable[int]) -> BitMap:
        """Devices that had any of some versions."""
        return BitMap.union(_NOTHING, *(self[version] for version in versions))

    def _make(self, version: int) -> BitMap:
        found = self._then.now(version)
        if version in self._minus:
            found = found - self._minus[version]
        if version in self._plus:
            found = found | self._plus[version]
        return found if self._then.devices is None else found & self._then.devices


def columns(present: Sequence[Present]) -> tuple[Int64s, Int64s, Int64s]:
    """(device, version, since) of all installations of some devices."""
    if not present:
        return _NONE, _NONE, _NONE
    devices = np.array([device_id for device_id, _, _ in present], np.int64)
    version = np.concatenate([versions for _, versions, _ in present]).astype(np.int64)
    since = np.concatenate([times for _, _, times in present])
    return np.repeat(devices, [len(times) for _, _, times in present]), version, since


def by_version(device: Int64s, version: Int64s) -> dict[int, BitMap]:
    """Version -> devices, of parallel columns."""
    pairs = np.sort((version.astype(np.uint64) << np.uint64(32)) | device.astype(np.uint64))
    versions, members = (pairs >> np.uint64(32)).astype(np.int64), pairs.astype(np.uint32)
    starts = np.flatnonzero(np.diff(versions, prepend=-1))
    ends = np.append(starts[1:], len(versions))
    return {
        number: BitMap(members[start:end])
        for number, start, end in zip(versions[starts].tolist(), starts.tolist(), ends.tolist(), strict=False)
    }


def _unlike(conn: Connection, view: FleetView) -> BitMap | None:
    """Devices whose installed software may be another in the index than in this snapshot; None: that cannot be told."""
    last = changes.last_seq(conn)
    newer = view.lately.after(last)
    seq = view.facts_seq
    if newer is None or last - seq > FOLLOW_AT_MOST or changes.first_seq(conn) > seq + 1:
        return None
    unlike = BitMap(newer)
    for change in changes.since(conn, seq) if last > seq else ():
        if change.kind == inventory.DEVICES_LOADED:
            return None
        if change.kind == inventory.DEVICE_CHANGED:
            unlike.add(change.payload["device_id"])
    return unlike


def _built(present: Iterable[Present]) -> dict[int, BitMap]:
    found: dict[int, BitMap] = {}
    for some in in_chunks(present, _READ_AT_ONCE):
        device, version, _ = columns(some)
        for number, devices in by_version(device, version).items():
            found[number] = found[number] | devices if number in found else devices
    return found


def _kept(wanted: npt.NDArray[np.bool_], version: Int64s, chosen: npt.NDArray[np.bool_]) -> Int64s:
    """Places of what is chosen and of a wanted version."""
    places: Int64s = np.flatnonzero(chosen)
    known = places[version[places] < len(wanted)]
    kept: Int64s = known[wanted[version[known]]]
    return kept


def _among(ids: Int64s, devices: BitMap) -> npt.NDArray[np.bool_]:
    return np.isin(ids, np.array(devices.to_array(), np.int64)) if devices else np.zeros(len(ids), np.bool_)
