"""How much a software is used in the scope (spec/features.md 10.6), of the devices that look what runs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from pyroaring import BitMap

from weakspot import inventory
from weakspot.inventory import usage
from weakspot.queries.contracts import UsageInsight
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY

PERIOD_DAYS = 30


def insight(lens: Lens, software_ids: Iterable[int]) -> UsageInsight | None:
    """Use of software that goes by one name; None where no device in scope that has it looks what runs."""
    versions = [one for software_id in software_ids for one in inventory.versions_of(lens.conn, software_id)]
    installed = lens.view.devices_of_versions({one.id for one in versions}, lens.scope)
    names = {(one.type, one.name, one.version) for one in versions}
    used = usage.days_used(lens.conn, installed, names, lens.now // DAY - PERIOD_DAYS)
    looking = used.looking & installed
    if not looking:
        return None
    days = [days for device_id, days in used.days.items() if device_id in looking]
    return UsageInsight(
        installed_devices=len(installed),
        reporting_devices=len(looking),
        using_devices=len(BitMap(used.days) & looking),
        median_days=float(statistics.median(days)) if days else None,
    )
