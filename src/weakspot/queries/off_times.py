"""When findings did not apply, because a part of the system that they need was off (spec/features.md 11.5).

For what is told of some span of time: what holds now is answered by ``recommendations.InForce``. A part that no counted
device has off now was off nowhere, as far as is asked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from weakspot import inventory, posture
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import Micros

Span = tuple[Micros, Micros]
"""``[since, until)``"""


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
