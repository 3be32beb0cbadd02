from __future__ import annotations

import pytest

from tests.unit.queries.fleet import SmallFleet
from weakspot.inventory import detail_store
from weakspot.inventory.detail_contracts import DeviceDetails, ListeningService, SoftwareUsage, UsageReport
from weakspot.queries import ListQuery, device_details, devices
from weakspot.runtime.errors import NotFound

USED = SoftwareUsage(type="dpkg", name="bash", version="5.2-1", last_used_on="2026-09-20", days_used=4)
TOLD = DeviceDetails(
    services=(ListeningService(protocol="tcp", address="0.0.0.0", port=443, process="nginx"),),
    users=(),
    usage=UsageReport(observed_since="2026-09-01", software=(USED,)),
)


def _tell(fleet: SmallFleet) -> None:
    fleet.world.database.write(lambda conn: detail_store.record(conn, fleet.web.id, TOLD, fleet.world.clock.at))


def test_unknown_is_told_apart_from_none(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        before = device_details.observations(read, fleet.everything, fleet.web.public_id)
    assert (before.reported_at, before.users, before.usage_observed_since) == (None, None, None)
    _tell(fleet)
    with fleet.world.read() as read:
        after = device_details.observations(read, fleet.everything, fleet.web.public_id)
    assert after.reported_at is not None
    assert (after.users, after.shares, after.usage_observed_since) == ([], None, "2026-09-01")
    assert after.services is not None
    assert after.services[0].port == 443
    assert after.hardware.secure_boot is None


def test_use_is_shown_with_the_software_it_is_of(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        rows = devices.software(read, fleet.everything, fleet.web.public_id, ListQuery()).items
        (version,) = [row.version for row in rows if row.software.name == "bash"]
    used = SoftwareUsage(type="dpkg", name="bash", version=version, last_used_on="2026-09-20", days_used=4)
    told = DeviceDetails(usage=UsageReport(observed_since="2026-09-01", software=(used,)))
    fleet.world.database.write(lambda conn: detail_store.record(conn, fleet.web.id, told, 1))
    with fleet.world.read() as read:
        page = devices.software(read, fleet.everything, fleet.web.public_id, ListQuery())
    use = {row.software.name: row.use for row in page.items}
    assert use["libssl3"] is None, "not seen is not the same as unused"
    bash = use["bash"]
    assert bash is not None
    assert (bash.last_used_on, bash.days_used, bash.is_listening) == ("2026-09-20", 4, False)


def test_out_of_scope_is_not_found(fleet: SmallFleet) -> None:
    with fleet.world.read() as read, pytest.raises(NotFound):
        device_details.observations(read, fleet.only_office, fleet.web.public_id)
