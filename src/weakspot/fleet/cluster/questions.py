"""What shards can be asked, and how their parts become one answer. All pure.

A part is made in the shard by a function of a ``FleetView``; a join puts the parts of all shards together. Joins do not
depend on the order of the parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.contracts import Ids, Int64s
from weakspot.fleet.view import FleetView

Columns = tuple[Int64s, ...]
"""Ids ascending, then one or more columns of numbers."""


def vulnerability_counts(view: FleetView, scope: Scope) -> Columns:
    """Part of ``FleetView.vulnerability_counts``; joined by ``added``."""
    return view.vulnerability_counts(scope)


def software_counts(view: FleetView, scope: Scope) -> Columns:
    """Part of ``FleetView.software_counts``; joined by ``added``."""
    return view.software_counts(scope)


def device_hazards(view: FleetView, ids: Sequence[int] | None, scope: Scope) -> Columns:
    """Part of ``FleetView.device_hazards``; joined by ``merged``."""
    return view.device_hazards(ids, scope)


def scope_bitmap(view: FleetView, scope: Scope) -> BitMap:
    """Part of ``FleetView.scope_bitmap``; joined by ``united``."""
    return view.scope_bitmap(scope)


def devices_of_vulnerability(view: FleetView, vulnerability_id: int, scope: Scope) -> BitMap:
    """Part of ``FleetView.devices_of_vulnerability``; joined by ``united``."""
    return view.devices_of_vulnerability(vulnerability_id, scope)


def devices_of_software(view: FleetView, software_id: int, scope: Scope) -> BitMap:
    """Part of ``FleetView.devices_of_software``; joined by ``united``."""
    return view.devices_of_software(software_id, scope)


def devices_of_versions(view: FleetView, software_version_ids: Sequence[int], scope: Scope) -> BitMap:
    """Part of ``FleetView.devices_of_versions``; joined by ``united``."""
    return view.devices_of_versions(software_version_ids, scope)


def count_of_vulnerability(view: FleetView, vulnerability_id: int, scope: Scope) -> int:
    """Part of ``FleetView.count_of_vulnerability``; parts add up."""
    return view.count_of_vulnerability(vulnerability_id, scope)


def versions_on(view: FleetView, device_id: int) -> Ids:
    """Part of ``FleetView.versions_on``: empty but in the device's own shard."""
    return view.versions_on(device_id)


def top_devices(view: FleetView, limit: int, scope: Scope) -> Columns:
    """(device ids, hazards, numbers of vulnerabilities), the largest hazards first; joined by ``first``."""
    return _first(view.device_hazards(None, scope), limit)


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


def first(parts: Sequence[Columns], limit: int) -> Columns:
    """The first ``limit`` by the second column, descending, then by id: each part has its own first ones in it."""
    return _first(merged(parts), limit)


def _first(columns: Columns, limit: int) -> Columns:
    order = np.lexsort((columns[0], -columns[1]))[:limit]
    return tuple(column[order] for column in columns)
