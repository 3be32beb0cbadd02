"""Reading packed installations of many devices at once: whole columns are joined and looked at together.

Device by device it takes some 15 microseconds each to look at 150 installations; joined, a tenth of that.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weakspot.inventory import packing
from weakspot.runtime.clock import Micros

Int64s = NDArray[np.int64]

_FEW = 256
"""Up to this many moments, an installation's index to its moment is one byte."""
_COUNT = struct.Struct("<I")
_MOMENT = struct.Struct("<q")


class Arrivals(NamedTuple):
    """Installations as columns. ``place``: whose they are, as a position in what was asked about."""

    place: Int64s
    version: Int64s
    since: Int64s


def arrivals(packed: Sequence[bytes], after: Micros) -> Arrivals:
    """What is installed now and was first seen after a moment, of packed devices. Raises ValueError as ``unpack``."""
    rows: list[tuple[int, int, int, bytes]] = []
    parts: list[Arrivals] = []
    counts, bodies = packing.opened_all(packed)
    for place, (count, body) in enumerate(zip(counts, bodies, strict=True)):
        (moments,) = _COUNT.unpack_from(body)
        # Moments are ascending: the last one tells whether there is anything to look at.
        if not moments or _MOMENT.unpack_from(body, _COUNT.size + 8 * (moments - 1))[0] <= after:
            continue
        if moments <= _FEW:
            rows.append((place, count, moments, body))
        else:
            parts.append(_single(place, packed[place], after))
    if rows:
        parts.append(_together(rows, after))
    return joined(parts)


def joined(parts: Sequence[Arrivals]) -> Arrivals:
    """One after the other."""
    if not parts:
        return Arrivals(*(np.empty(0, np.int64) for _ in range(3)))
    return Arrivals(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _single(place: int, data: bytes, after: Micros) -> Arrivals:
    versions, since = packing.unpack(data)
    is_new = since > after
    return Arrivals(np.full(int(is_new.sum()), place), versions[is_new].astype(np.int64), since[is_new])


def _together(rows: Sequence[tuple[int, int, int, bytes]], after: Micros) -> Arrivals:
    starts = [_COUNT.size + 8 * moments for _, _, moments, _ in rows]
    counts = np.array([count for _, count, _, _ in rows])
    moments = np.frombuffer(
        b"".join(body[_COUNT.size : start] for (_, _, _, body), start in zip(rows, starts, strict=True)), "<i8"
    )
    first_moment = np.cumsum([0, *(number for _, _, number, _ in rows[:-1])])
    planes = [
        np.frombuffer(
            b"".join([body[start + k * count : start + (k + 1) * count]
                      for (_, count, _, body), start in zip(rows, starts, strict=True)]), np.uint8)
        for k in range(5)
    ]  # fmt: skip
    row = np.repeat(np.arange(len(rows), dtype=np.int32), counts)
    # How many of a device's moments are not after the one asked for: indices from there on are.
    old = np.add.reduceat(moments <= after, first_moment).astype(np.int32)
    chosen = np.flatnonzero(planes[0] >= old[row])
    deltas = planes[1].astype(np.uint32)
    for k in (2, 3, 4):
        if planes[k].any():
            deltas |= planes[k].astype(np.uint32) << np.uint32(8 * (k - 1))
    sums = np.cumsum(deltas, dtype=np.int64)
    ends = np.cumsum(counts)
    base = np.concatenate([[0], sums[ends[:-1] - 1]])
    whose = row[chosen]
    return Arrivals(
        np.array([place for place, _, _, _ in rows])[whose],
        sums[chosen] - base[whose],
        moments[first_moment[whose] + planes[0][chosen]].astype(np.int64),
    )
