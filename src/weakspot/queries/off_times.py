"""When findings did not apply, because a part of the system that they need was off (spec/features.md 11.5).

For what is told of some span of time: what holds now is answered by ``recommendations.InForce``. A part that no counted
device has off now was off nowhere, as far as is asked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from pyroaring import BitMap

from weakspot import inventory, posture, recommendations
from weakspot.queries.columns import Ids
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import Micros

Span = tuple[Micros, Micros]
"""``[since, until)``"""
NO_PART = -1
ASK_EACH = 5_000
"""Up to so many devices, times are read of all of them."""


class OffTimes:
    """When parts of the system were off on some devices."""

    def __init__(self, lens: Lens, device_ids: Iterable[int]) -> None:
        self._unmet = lens.exceptions.unmet
        self._conditional = lens.exceptions.conditional
        self._spans: defaultdict[tuple[int, str], list[Span]] = defaultdict(list)
        values = _values(lens)
        for told in inventory.setting_times(lens.conn, values, device_ids) if values else ():
            self._spans[told.device_id, values[told.setting_value_id]].append((told.since, told.until))

    def applying(self, device_id: int, version_id: int, vulnerability_id: int, span: Span) -> Iterator[Span]:
        """The parts of a finding's span in which it applied, oldest first."""
        spans = [span]
        if vulnerability_id in self._conditional:
            for one in self._unmet:
                if one.cover.is_over(version_id, vulnerability_id):
                    for off in sorted(self._spans.get((device_id, one.feature.id), ())):
                        spans = [left for part in spans for left in without(part, off)]
        yield from spans


class OffThen:
    """On which devices parts of the system were off at moments from ``earliest`` on, as far as they had told so then.

    What needs which part is what knowledge says now. Cost: what was switched since ``earliest``, and bitmaps.
    """

    def __init__(self, lens: Lens, vulnerability: Ids, version: Ids, earliest: Micros) -> None:
        """vulnerability, version: parallel columns of all that is going to be asked about."""
        values = posture.values_off(lens.conn)
        needing = recommendations.needing(lens.conn) if values else {}
        self._parts = sorted(set(values.values()) & needing.keys())
        self._part_of = np.full(int(vulnerability.max(initial=0)) + 1, NO_PART, np.int64)
        for number, part in enumerate(self._parts):
            self._part_of[[one for one in needing[part] if one < len(self._part_of)]] = number
        carriers = np.unique(version[self._part_of[vulnerability] != NO_PART]).tolist()
        systems = sorted(recommendations.systems_among(lens.conn, set(carriers)))
        self._is_system = np.zeros(int(version.max(initial=0)) + 1, np.bool_)
        self._is_system[systems] = True
        self._software = {lens.view.software_of_version(one) for one in systems} - {0}
        moved = self._moved(lens, values, earliest) if systems else BitMap()
        self._steady: dict[str, BitMap] = {
            part: lens.view.devices_with_settings([i for i, one in values.items() if one == part]) - moved
            for part in self._parts
        }
        self._spans: defaultdict[str, list[tuple[int, Micros, Micros]]] = defaultdict(list)
        for told in inventory.setting_times(lens.conn, values, moved):
            self._spans[values[told.setting_value_id]].append((told.device_id, told.since, told.until))

    def _moved(self, lens: Lens, values: Mapping[int, str], earliest: Micros) -> BitMap:
        """Devices of which times are needed; those of few are asked for one by one, whether they moved or not."""
        if len(lens.counted) <= ASK_EACH:
            return lens.counted
        return inventory.devices_told_since(lens.conn, values, earliest)

    def parts_needed(self, vulnerability: Ids, version: Ids) -> Ids:
        """Number of the part that each needs, as far as the version beside it carries it; ``NO_PART``: none."""
        return np.where(self._is_system[version], self._part_of[vulnerability], NO_PART)

    def part_needed(self, software_id: int, vulnerability_id: int) -> int:
        """The same of one vulnerability, as far as a software carries it."""
        return int(self._part_of[vulnerability_id]) if software_id in self._software else NO_PART

    def off_at(self, moment: Micros) -> Mapping[int, BitMap]:
        """Number of a part -> devices on which it was off."""
        found: dict[int, BitMap] = {}
        for number, part in enumerate(self._parts):
            then = [device for device, since, until in self._spans.get(part, ()) if since <= moment < until]
            found[number] = self._steady[part] | BitMap(then)
        return found


def devices_switched_since(lens: Lens, at: Micros) -> BitMap:
    """Devices on which a part of the system was switched on or off at or after a moment, as far as they told."""
    values = _values(lens)
    return inventory.devices_told_since(lens.conn, values, at) if values else BitMap()


def without(span: Span, away: Span) -> Iterator[Span]:
    """What is left of a span, oldest first."""
    (since, until), (begin, end) = span, away
    for left in ((since, min(until, begin)), (max(since, end), until)):
        if left[0] < left[1]:
            yield left


def _values(lens: Lens) -> dict[int, str]:
    """Setting value -> the condition that it says is not met, of those that matter now."""
    wanted = {one.feature.id for one in lens.exceptions.unmet}
    return {value: one for value, one in posture.values_off(lens.conn).items() if one in wanted} if wanted else {}
