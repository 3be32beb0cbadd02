"""Checks over a small world: scopes, weaknesses whose attacks they blunt, and that what runs follows."""

from __future__ import annotations

from tests.support.world import EVERYTHING, EnrolledDevice, Scope, World, advisory, debian, dpkg
from tests.unit.posture.support import check
from tests.unit.queries.fleet import CRITICAL
from weakspot import workflows
from weakspot.intel.contracts import EvidenceRecord
from weakspot.inventory import settings
from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.detail_contracts import Setting
from weakspot.posture.rules import blunted
from weakspot.queries import checks, recommendations, secure_score
from weakspot.queries.base import ListQuery

AUTOUPDATE, ASLR = "linux.automatic_updates", "linux.sysctl.kernel.randomize_va_space"


def tell(world: World, device: EnrolledDevice, **values: str) -> None:
    names = {"updates": AUTOUPDATE, "aslr": ASLR}
    told = tuple(Setting(names[name], value) for name, value in values.items())
    at = world.clock.at
    world.database.write(lambda conn: settings.record(conn, device.id, "sensor", told, at, at))
    world.catch_up()


def test_a_scope_sees_its_own_devices_alone_and_windows_is_not_asked_for_linux(world: World) -> None:
    servers = world.group("Servers")
    web, desk = world.enrol("web", group=servers), world.enrol("desk")
    world.enrol("till", os=OperatingSystem(platform="Windows", distribution="windows"))
    tell(world, web, aslr="2")
    tell(world, desk, aslr="0")
    with world.read() as read:
        whole = checks.detail(read, EVERYTHING, "check-linux-aslr")
        mine = checks.detail(read, Scope(frozenset([servers])), "check-linux-aslr")
        nobody = secure_score.show(read, Scope(frozenset()))
        own = secure_score.show(read, Scope(frozenset([servers])))
        failing = checks.page(read, Scope(frozenset([servers])), ListQuery(filters={"assessed_as": ("non_compliant",)}))
    assert (whole.check.applicable_devices, whole.check.exposed_devices) == (2, 1)
    assert (mine.check.applicable_devices, mine.check.exposed_devices) == (1, 0)
    assert [(one.value, one.devices) for one in mine.values] == [("2", 1)], "other groups' values are not shown"
    assert (nobody.maximum, nobody.percent) == (0, None)
    assert (own.points, own.maximum) == (7, 7)
    assert failing.items == []
    found = workflows.check(world.services, world.follower)
    assert found.is_exact, found.differences


def test_a_device_that_is_excluded_counts_nowhere(world: World) -> None:
    web = world.enrol("web")
    tell(world, web, aslr="0")
    world.decide(web, is_excluded=True)
    with world.read() as read:
        assert checks.detail(read, EVERYTHING, "check-linux-aslr").check.applicable_devices == 0


def test_checks_that_blunt_the_attacks_on_a_weakness(world: World) -> None:
    """spec/features.md 5.5: maps settings to vulnerabilities they mitigate."""
    web, desk = world.enrol("web"), world.enrol("desk")
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"), cvss=CRITICAL))
    for device in (web, desk):
        world.report(device, dpkg("libssl3", "3.0.11-1", source="openssl"))
    world.know("attack", EvidenceRecord(name="CVE-2099-0001", kind="technique", details={"exploitation": "T1068 x"}))
    tell(world, web, aslr="0")
    with world.read() as read:
        (row,) = recommendations.page(read, EVERYTHING, ListQuery(filters={"remediation": ("Update",)})).items
        found = {one.id: one for one in recommendations.detail(read, EVERYTHING, row.id).blunting_checks}
    aslr = found["check-linux-aslr"]
    assert (aslr.techniques, aslr.weaknesses) == (["T1068"], 1)
    assert (aslr.failing_devices, aslr.compliant_devices, aslr.unknown_devices) == (1, 0, 1)
    assert next(iter(found)) == "check-linux-aslr", "what most devices fail comes first"
    assert "check-windows-uac" not in found


def test_a_technique_stands_for_its_parts_and_not_the_other_way_round() -> None:
    made = check(attack=("T1021", "T1110.002"))
    assert blunted(made, ["T1021.004", "T1021", "T1110", "T1110.002", "T1000"]) == ["T1021", "T1021.004", "T1110.002"]
