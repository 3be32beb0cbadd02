"""What crosses the fleet index's border: batches in, nothing but numbers and bitmaps out.

Ids are the dense internal ids of the inventory and the intelligence. Everything in a batch is absolute ("these are the
versions on the device now"), never a difference, so that applying a batch twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from weakspot.inventory.contracts import FleetPlaces

DeviceValue = Literal["Low", "Normal", "High"]
DEVICE_VALUES: tuple[DeviceValue, ...] = ("Low", "Normal", "High")

UNKNOWN_HAZARD = -1
"""Stored for a vulnerability whose facts have not been read; it counts as 0 until they are."""

BitMapLike = Any
"""``pyroaring.BitMap``; the library ships no complete types."""

Labels = Mapping[tuple[str, str], BitMapLike]
"""(kind, name) -> devices that have the label, counted or not: tags, criticality, internet-facing."""

Ids = npt.NDArray[np.uint32]
Int64s = npt.NDArray[np.int64]


class DeviceVersions(msgspec.Struct, frozen=True):
    """What is installed on one device now.

    versions: all software version ids, ascending, distinct.
    touched: those that may differ from what the index has, whether installed now or not; None when that is not known
    (then the index looks through all versions, a millisecond per 20,000 of them).
    """

    device_id: int
    versions: Ids
    touched: frozenset[int] | None = None


class DeviceSettings(msgspec.Struct, frozen=True):
    """The settings that one device tells now, as setting value ids.

    touched: those that may differ from what the index has, whether the device has them now or not.
    """

    device_id: int
    values: frozenset[int]
    touched: frozenset[int]


class DevicePlatforms(msgspec.Struct, frozen=True):
    """Kind of system (``linux``, ``windows``, ``macos``) -> devices, as far as ``devices`` go; others have none."""

    devices: BitMapLike
    members: Mapping[str, BitMapLike]


class DeviceFacts(msgspec.Struct, frozen=True):
    """Where one device belongs now.

    is_counted: enrolled, not excluded, seen within 30 days.
    versions: what is installed on it once the batch is applied, ascending; spares a look through the index when the
    device moves between groups. None: not known.
    """

    device_id: int
    group_id: int
    device_value: DeviceValue
    is_counted: bool
    versions: Ids | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the index: all of it becomes visible at once.

    seq: last ``changes.seq`` that is in force when the batch is applied; None while more batches must follow first.
    software: software id of software versions that the index may not know yet.
    matches: software version id -> ids of all vulnerabilities of that version now.
    hazards: vulnerability id -> hazard, int64 fixed point 2**-32.
    places: as facts, of many devices at once; takes effect after them.
    labels: all labels there are; None: as they were.
    detected: device -> vulnerabilities that an active detection hangs on there now, whether the device has them or not.
    raised: vulnerability -> hazard that it has where it is detected.
    settings, platforms: what checks are evaluated with; None: as they were.
    """

    seq: int | None = None
    software: Mapping[int, int] = {}
    devices: Sequence[DeviceVersions] = ()
    facts: Sequence[DeviceFacts] = ()
    places: FleetPlaces | None = None
    matches: Mapping[int, Sequence[int]] = {}
    hazards: Mapping[int, int] = {}
    labels: Labels | None = None
    detected: Mapping[int, Sequence[int]] = {}
    raised: Mapping[int, int] = {}
    settings: Sequence[DeviceSettings] = ()
    platforms: DevicePlatforms | None = None


class FleetCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Size of the index, for the health page and the benchmarks."""

    seq: int
    devices: int
    software_versions: int
    vulnerabilities: int
    findings: int
    bitmap_bytes: int
