"""What every read model looks through: one moment of the fleet, one scope, and the remembered columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot import inventory, recommendations
from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.inventory.contracts import Device
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.columns import DeviceColumns, Ids, VulnerabilityColumns
from weakspot.queries.contracts import Page
from weakspot.queries.memory import Memory, memory_of
from weakspot.recommendations import InForce
from weakspot.runtime import changes
from weakspot.runtime.errors import NotFound
from weakspot.scoring import Excepted

Row = TypeVar("Row")


class Lens:
    """One request's view. Everything that is asked through it is of one fleet view and one snapshot."""

    def __init__(self, read: ReadContext, scope: Scope) -> None:
        self.read = read
        self.conn = read.conn
        self.now = read.now
        self.scope = scope
        self.view: FleetView = read.fleet.view()
        self.memory: Memory = memory_of(read.fleet)

    @cached_property
    def group_names(self) -> dict[int, str]:
        """Names of all device groups."""
        return {group.id: group.name for group in inventory.groups(self.conn)}

    @cached_property
    def last_seq(self) -> int:
        """The snapshot's position in ``changes``."""
        return changes.last_seq(self.conn)

    @cached_property
    def counted(self) -> BitMap:
        """Devices in scope that count."""
        return self.view.scope_bitmap(self.scope)

    @cached_property
    def exceptions(self) -> InForce:
        """Exceptions that hold now, in all device groups: always cut what they reach to the scope."""
        return recommendations.in_force(self.conn, self.read.fleet, self.view, self.now)

    @property
    def excepted(self) -> Excepted:
        """Findings that do not count in scores, as score-reducing exceptions hold; false where there are none."""
        return self.exceptions.reducing

    def active_hazards(self, ids: npt.NDArray[np.integer]) -> Ids:
        """Hazards of devices without what is excepted, in the order asked."""
        return self.excepted.hazards(ids.astype(np.int64, copy=False))

    @cached_property
    def hidden_counts(self) -> dict[int, int]:
        """Vulnerability -> devices in scope on which an exception of it holds (spec/features.md 9.5)."""
        return self.exceptions.hidden.counts(self.scope)

    @cached_property
    def inapplicable_counts(self) -> dict[int, int]:
        """Vulnerability -> devices in scope to which it does not apply (spec/features.md 11.5)."""
        return self.exceptions.inapplicable.counts(self.scope)

    @cached_property
    def weaknesses(self) -> Ids:
        """Vulnerabilities that a device in scope has and that apply to it, ascending. Do not change."""
        detected, counts = self.view.vulnerability_counts(self.scope)
        away = self.inapplicable_counts
        if not away:
            return detected
        gone = [one for one, count in away.items() if counts[np.searchsorted(detected, one)] == count]
        return np.setdiff1d(detected, gone, assume_unique=True)

    def weaknesses_of_software(self, software_id: int) -> BitMap:
        """Vulnerabilities that a software brings onto devices in scope and that apply to one; the caller's own."""
        if not self.exceptions.unmet:
            return self.view.vulnerabilities_of_software(software_id, self.scope)
        return self.exceptions.applying(self.view, self.view.weak_versions(software_id), self.counted)

    def weaknesses_on(self, device_ids: Ids) -> Ids:
        """Numbers of vulnerabilities that each of some devices has and that apply to it, in the order asked."""
        found: Ids = self.view.findings.take(device_ids).astype(np.int64)
        away = self.exceptions.inapplicable
        return found - away.numbers(device_ids) if away else found

    def is_version_here(self, software_version_id: int) -> bool:
        """Whether a counted device in scope has the software version."""
        return bool(self.view.installed[software_version_id].intersect(self.counted))

    def vulnerability_columns(self, ids: npt.NDArray[np.integer] | None) -> VulnerabilityColumns:
        """Columns of at least these vulnerabilities; None: of all that are known."""
        return self.memory.vulnerabilities(self.read, None if ids is None else ids.astype(np.int64, copy=False))

    def device_columns(self) -> DeviceColumns:
        """Columns of all devices, whatever their group: always cut them to the scope."""
        return self.memory.devices(self.read)

    def devices_in_scope(self) -> Ids:
        """All devices of the scope's groups that were not removed or merged, counted or not, ascending."""
        columns = self.device_columns()
        here = ~columns.is_ended
        if self.scope.group_ids is not None:
            here &= np.isin(columns.group, sorted(self.scope.group_ids))
        return columns.ids[here]

    def tags_of(self, device_id: int) -> list[str]:
        """All tags of a device, whoever gave them, by name."""
        found = [name for (kind, name), devices in self.view.labels.items() if kind == "tag" and device_id in devices]
        return sorted(found, key=str.casefold)

    def label_of(self, kind: str, device_id: int) -> str | None:
        """The one label of a kind (criticality, internet_facing) that a device has; None: none."""
        for (one, name), devices in self.view.labels.items():
            if one == kind and device_id in devices:
                return name
        return None


def find_device(lens: Lens, public_id: str) -> Device:
    """A device of the scope. Raises NotFound, with the same words whether it is not there or not in the scope."""
    device = inventory.device_by_public_id(lens.conn, public_id[:64])
    if device is None or device.end is not None or not lens.scope.includes(device.group_id):
        raise NotFound("There is no such device among those you may see; open it from the list of devices.")
    return device


def ids_of(bitmap: BitMap) -> Ids:
    """Members of a bitmap, ascending."""
    return np.array(bitmap.to_array(), np.int64)


def cut(
    ordered: Ids, query: ListQuery, *, shape: ListShape, noun: str, rows: Callable[[Sequence[int]], Iterable[Row]]
) -> Page[Row]:
    """The asked page of ids that are filtered and sorted already; rows are made of that page alone."""
    start = (query.page - 1) * query.page_size
    chosen = ordered[start : start + query.page_size].tolist()
    return Page(
        items=list(rows(chosen)) if chosen else [],
        total=len(ordered),
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        described=shape.describe(noun, query),
    )
