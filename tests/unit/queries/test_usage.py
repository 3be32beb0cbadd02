"""Spec 10.6: "Number of devices using the application, and median usage in days over the last 30 days"."""

from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, EnrolledDevice, Scope, World, advisory, debian, dpkg
from weakspot.inventory import detail_store
from weakspot.inventory.detail_contracts import DeviceDetails, SoftwareUsage, UsageReport
from weakspot.queries import recommendations, software, usage
from weakspot.queries.contracts import UsageInsight
from weakspot.runtime.clock import DAY, to_iso

CURL = "va-_-debian-_-curl"


def _tell(world: World, device: EnrolledDevice, days: int | None, version: str = "7.0-1", ago: int = 0) -> None:
    day = to_iso(world.clock.at - ago * DAY)[:10]
    used = SoftwareUsage(type="dpkg", name="curl", version=version, last_used_on=day, days_used=days or 1)
    told = DeviceDetails(usage=UsageReport(observed_since=day, software=() if days is None else (used,)))
    world.database.write(lambda conn: detail_store.record(conn, device.id, told, world.clock.at))


def _fleet(world: World) -> tuple[list[EnrolledDevice], int]:
    office = world.group("Office")
    devices = [world.enrol(f"d{n}", group=office if n == 0 else None) for n in range(5)]
    world.know("osv", advisory("CVE-2099-0001", debian("curl", fixed="8.0-1")))
    for number, device in enumerate(devices):
        world.report(device, dpkg("curl", "7.1-1" if number == 1 else "7.0-1"))
    return devices, office


def _shown(world: World, scope: Scope = EVERYTHING) -> UsageInsight | None:
    with world.read() as read:
        recommended = recommendations.detail(read, scope, CURL).usage
        assert software.detail(read, scope, "debian-_-curl").usage == recommended
    return recommended


def test_use_is_summed_up_for_a_recommendation_and_its_software(world: World) -> None:
    devices, office = _fleet(world)
    _tell(world, devices[0], 3)
    _tell(world, devices[1], 10, "7.1-1")
    _tell(world, devices[2], None)
    assert _shown(world) == UsageInsight(installed_devices=5, reporting_devices=3, using_devices=2, median_days=6.5), (
        "the median is of devices with at least one day"
    )
    assert _shown(world, Scope(frozenset([office]))) == UsageInsight(
        installed_devices=1, reporting_devices=1, using_devices=1, median_days=3.0
    )


def test_where_nobody_looks_it_is_not_reported(world: World) -> None:
    devices, office = _fleet(world)
    assert _shown(world) is None
    _tell(world, devices[1], 10, "7.1-1")
    assert _shown(world, Scope(frozenset([office]))) is None, "of another group nothing is told"


def test_what_was_not_seen_running_has_no_median(world: World) -> None:
    devices, _ = _fleet(world)
    _tell(world, devices[0], None)
    _tell(world, devices[1], 9, "7.1-1", ago=31)
    found = _shown(world)
    assert found is not None
    assert (found.reporting_devices, found.using_devices, found.median_days) == (2, 0, None)


def test_of_software_that_many_have_it_is_remembered_for_half_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "EXACT_DEVICES", 0)
    devices, office = _fleet(world)
    _tell(world, devices[1], 10, "7.1-1")
    assert _shown(world, Scope(frozenset([office]))) is None
    assert _using(world) == 1
    _tell(world, devices[2], 3)
    assert _using(world) == 1
    world.clock.forward(seconds=31)
    assert _using(world) == 2


def _using(world: World) -> int | None:
    found = _shown(world)
    return None if found is None else found.using_devices
