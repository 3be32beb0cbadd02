"""How much a software is used in the scope (spec/features.md 10.6), of the devices that look what runs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from weakspot import inventory
from weakspot.inventory import usage
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.queries.contracts import UsageInsight
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY

PERIOD_DAYS = 30
EXACT_DEVICES = 5_000
REMEMBERED = 1_000
"""Software of one scope whose use is remembered, for half a minute all together."""

_Known = dict[tuple[int, ...], UsageInsight | None]


def insight(lens: Lens, software_ids: Iterable[int]) -> UsageInsight | None:
    """Use of software that goes by one name; None where no device in scope that has it looks what runs.

    Of software that more than ``EXACT_DEVICES`` have, it is at most half a minute old.
    """
    ids = tuple(sorted(software_ids))
    versions = [one for software_id in ids for one in inventory.versions_of(lens.conn, software_id)]
    installed = lens.view.devices_of_versions({one.id for one in versions}, lens.scope)
    if len(installed) <= EXACT_DEVICES:
        return _summed_up(lens, versions, installed)
    known = lens.memory.ordering(lens.read, "usage", lens.scope, _Known).values
    if ids in known:
        return known[ids]
    found = _summed_up(lens, versions, installed)
    if len(known) < REMEMBERED:
        known[ids] = found
    return found


def _summed_up(lens: Lens, versions: Sequence[SoftwareVersion], installed: BitMap) -> UsageInsight | None:
    names = {(one.type, one.name, one.version) for one in versions}
    used = usage.days_used(lens.conn, installed, names, lens.now // DAY - PERIOD_DAYS)
    looking = used.looking & installed
    if not looking:
        return None
    days = list(used.days.values())
    return UsageInsight(
        installed_devices=len(installed),
        reporting_devices=len(looking),
        using_devices=len(days),
        median_days=float(statistics.median(days)) if days else None,
    )
