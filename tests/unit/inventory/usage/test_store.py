from __future__ import annotations

from pyroaring import BitMap

from tests.unit.inventory.support import Inventory
from weakspot.inventory import detail_store, usage
from weakspot.inventory.detail_contracts import DeviceDetails, SoftwareUsage, UsageReport

BASH = ("dpkg", "bash", "5.2-1")
CURL = ("dpkg", "curl", "8.0-1")
DAY_OF_2026_10_01 = 20_727


def used(name: tuple[str, str, str], days: int, last: str = "2026-10-01") -> SoftwareUsage:
    return SoftwareUsage(type=name[0], name=name[1], version=name[2], last_used_on=last, days_used=days)


def _tell(inv: Inventory, device_id: int, *rows: SoftwareUsage) -> None:
    told = DeviceDetails(usage=UsageReport(observed_since="2026-09-01", software=rows))
    inv.write(lambda conn: detail_store.record(conn, device_id, told, inv.now))


def test_days_of_a_software_are_those_of_its_most_used_name(inv: Inventory) -> None:
    one, two, silent = inv.enrol(), inv.enrol(), inv.enrol()
    _tell(inv, one.id, used(BASH, 4), used(CURL, 9))
    _tell(inv, two.id, used(CURL, 2))
    everybody = BitMap([one.id, two.id, silent.id])
    bash = inv.read(lambda conn: usage.days_used(conn, everybody, [BASH], 0))
    both = inv.read(lambda conn: usage.days_used(conn, everybody, [BASH, CURL], 0))
    other = inv.read(lambda conn: usage.days_used(conn, everybody, [("dpkg", "zsh", "1")], 0))
    assert (bash.looking, bash.days) == (BitMap([one.id, two.id]), {one.id: 4})
    assert both.days == {one.id: 9, two.id: 2}
    assert (other.looking, other.days) == (bash.looking, {})


def test_only_the_devices_asked_about_are_read(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    _tell(inv, one.id, used(BASH, 4))
    _tell(inv, two.id, used(BASH, 5))
    found = inv.read(lambda conn: usage.days_used(conn, BitMap([two.id]), [BASH], 0))
    assert (found.looking, found.days) == (BitMap([two.id]), {two.id: 5})


def test_use_of_long_ago_does_not_count(inv: Inventory) -> None:
    one = inv.enrol()
    _tell(inv, one.id, used(BASH, 4, "2026-10-01"), used(CURL, 1, "2026-99-99"))
    known = BitMap([one.id])
    assert inv.read(lambda conn: usage.days_used(conn, known, [BASH], DAY_OF_2026_10_01)).days == {one.id: 4}
    late = inv.read(lambda conn: usage.days_used(conn, known, [BASH], DAY_OF_2026_10_01 + 1))
    assert (late.looking, late.days) == (known, {})
    assert inv.read(lambda conn: usage.days_used(conn, known, [CURL], 0)).days == {}, "no such day"


def test_what_is_told_replaces_what_was(inv: Inventory) -> None:
    one = inv.enrol()
    _tell(inv, one.id, used(BASH, 4))
    _tell(inv, one.id)
    found = inv.read(lambda conn: usage.days_used(conn, BitMap([one.id]), [BASH], 0))
    assert (found.looking, found.days) == (BitMap([one.id]), {})
