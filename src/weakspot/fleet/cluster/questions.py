"""What shards can be asked, and how their parts become one answer. All pure.

A part is made in the shard by a function of a ``FleetView``; a join puts the parts of all shards together. Joins do not
depend on the order of the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.contracts import DEVICE_VALUES, BitMapLike, DeviceValue, FleetCounts, Int64s
from weakspot.fleet.view import FleetView

Columns = tuple[Int64s, ...]
"""Ids ascending, then one or more columns of numbers."""

DeviceSet = Literal[
    "scope_bitmap",
    "devices_of_version",
    "devices_of_versions",
    "devices_of_vulnerability",
    "devices_of_software",
    "exposed_of_software",
]
"""Reads of ``FleetView`` that give devices in a scope."""


class Known(msgspec.Struct, frozen=True):
    """The devices of an index by where they belong, counted or not; the parts of a shard or all of them.

    counted: by device group, those that count. values: by device value.
    """

    devices: BitMapLike
    counted: Mapping[int, BitMapLike]
    values: Mapping[DeviceValue, BitMapLike]


class Page(msgspec.Struct, frozen=True):
    """Some members of a set, ascending, and how many there are in all."""

    members: BitMapLike
    total: int


# parts ---------------------------------------------------------------------------------------------------------------


def read(view: FleetView, name: str, *arguments: Any) -> Any:
    """A read of ``FleetView``, one of ``READS`` or ``ALIKE``, by its name."""
    if name not in READS and name not in ALIKE:
        raise ValueError(f"{name} is not a read of the index")
    return getattr(view, name)(*arguments)


def detected(view: FleetView) -> Mapping[int, BitMap]:
    """Part of ``FleetView.detected``; joined by ``united_by_key``."""
    return view.detected


def labels(view: FleetView) -> Mapping[tuple[str, str], BitMap]:
    """Part of ``FleetView.labels``; joined by ``united_by_key``."""
    return view.labels


def platforms(view: FleetView) -> Mapping[str, BitMap]:
    """Part of ``FleetView.platforms``; joined by ``united_by_key``."""
    return view.platforms


def known(view: FleetView) -> Known:
    """Part of the population; joined by ``all_known``."""
    population = view.population
    return Known(
        population.all_devices(),
        dict(zip(population.group_ids, population.members[1:], strict=True)),
        dict(zip(DEVICE_VALUES, population.values, strict=True)),
    )


def sizes(view: FleetView) -> tuple[FleetCounts, BitMap]:
    """Part of ``FleetView.sizes``, with the software versions that are installed; joined by ``all_sizes``."""
    return view.sizes(), BitMap([version for version, _ in view.installed.items()])


def installed(view: FleetView, software_version_ids: Sequence[int]) -> BitMap:
    """Those of some software versions that any device has, counted or not; joined by ``united``."""
    return BitMap([one for one in software_version_ids if view.installed[one]])


def page(view: FleetView, name: DeviceSet, arguments: Sequence[Any], after: int, limit: int) -> Page:
    """The first ``limit`` devices of a set whose ids are above ``after``; joined by ``one_page``."""
    members = read(view, name, *arguments)
    return Page(_beyond(members, after, limit), len(members))


def top_devices(view: FleetView, limit: int, scope: Scope) -> Columns:
    """(device ids, hazards, numbers of vulnerabilities), the largest hazards first; joined by ``first``."""
    return ordered(view.device_hazards(None, scope), limit)


# joins ---------------------------------------------------------------------------------------------------------------


def summed(parts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Numbers in the same places, added up."""
    return tuple(map(sum, zip(*parts, strict=True)))


def added(parts: Sequence[Columns]) -> Columns:
    """The same ids may be in several parts: their numbers are summed."""
    ids, places = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    columns = []
    for number in range(1, len(parts[0])):
        total = np.zeros(len(ids), np.int64)
        np.add.at(total, places, np.concatenate([part[number] for part in parts]))
        columns.append(total)
    return (ids, *columns)


def merged(parts: Sequence[Columns]) -> Columns:
    """An id is in one part only."""
    order = np.argsort(np.concatenate([part[0] for part in parts]), kind="stable")
    return tuple(np.concatenate([part[number] for part in parts])[order] for number in range(len(parts[0])))


def united(parts: Sequence[BitMap]) -> BitMap:
    """All members of all parts."""
    return BitMap.union(BitMap(), *parts)


def united_by_key(parts: Sequence[Mapping[Any, BitMap]]) -> dict[Any, BitMap]:
    """All members under each key, keys ascending; keys without members are left out."""
    keys = sorted({key for part in parts for key, devices in part.items() if devices})
    return {key: united([part[key] for part in parts if key in part]) for key in keys}


def all_known(parts: Sequence[Known]) -> Known:
    """The populations of all shards together."""
    return Known(
        united([part.devices for part in parts]),
        united_by_key([part.counted for part in parts]),
        {value: united([part.values[value] for part in parts]) for value in DEVICE_VALUES},
    )


def all_sizes(parts: Sequence[tuple[FleetCounts, BitMap]]) -> FleetCounts:
    """Devices, findings and bytes add up; a software version counts once, whichever shards have it."""
    counts = [part for part, _ in parts]
    return FleetCounts(
        seq=min(one.seq for one in counts),
        devices=sum(one.devices for one in counts),
        software_versions=len(united([versions for _, versions in parts])),
        vulnerabilities=max(one.vulnerabilities for one in counts),
        findings=sum(one.findings for one in counts),
        bitmap_bytes=sum(one.bitmap_bytes for one in counts),
    )


def one_page(parts: Sequence[Page], limit: int) -> Page:
    """The first of all of the first of each."""
    return Page(_beyond(united([part.members for part in parts]), -1, limit), sum(part.total for part in parts))


def first(parts: Sequence[Columns], limit: int) -> Columns:
    """The first ``limit`` by the second column, descending, then by id: each part has its own first ones in it."""
    return ordered(merged(parts), limit)


def ordered(columns: Columns, limit: int) -> Columns:
    """The first ``limit`` rows by the second column, descending, then by id."""
    order = np.lexsort((columns[0], -columns[1]))[:limit]
    return tuple(column[order] for column in columns)


def there(parts: Sequence[Any]) -> Any:
    """What the one part says that is not None; None where none does."""
    return next((part for part in parts if part is not None), None)


def joined_ids(parts: Sequence[Int64s]) -> Int64s:
    """Ids of all parts, ascending and distinct, in the type that they had."""
    together: Int64s = np.unique(np.concatenate(parts))
    return together


def _beyond(members: BitMap, after: int, limit: int) -> BitMap:
    start = members.rank(after) if after >= 0 else 0
    return members[start : start + limit]


READS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "scope_bitmap": united,
    "is_in_scope": any,
    "devices_of_version": united,
    "devices_of_versions": united,
    "devices_of_vulnerability": united,
    "devices_of_software": united,
    "exposed_of_software": united,
    "carrying": united,
    "devices_with_settings": united,
    "device_value": there,
    "versions_on": joined_ids,
    "vulnerabilities_of_device": united,
    "vulnerabilities_of_software": united,
    "raised_by": max,
    "vulnerability_counts": added,
    "software_counts": added,
    "count_of_vulnerability": sum,
    "counts_of_software": summed,
    "device_hazards": merged,
}
"""Reads of ``FleetView`` about devices, with their joins."""

ALIKE = frozenset(
    {
        "vulnerabilities_of_versions",
        "vulnerabilities_of_version",
        "versions_of_vulnerability",
        "versions_of_software",
        "weak_versions",
        "software_of_version",
        "vulnerability_hazard",
        "hazards_of",
        "present",
    }
)
"""Reads about software and vulnerabilities alone: every shard has all of these."""
