from __future__ import annotations

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from weakspot import intel
from weakspot.queries import weaknesses
from weakspot.queries.contracts import LookedUpAs
from weakspot.queries.lens import Lens
from weakspot.queries.rows import SOFTWARE_SHOWN, iso, software_rows, weakness_rows


def test_a_row_names_a_few_software_and_counts_the_rest(world: World) -> None:
    device = world.enrol("box")
    world.know("osv", advisory("CVE-2099-0001", debian("gcc")))
    packages = [dpkg(f"lib{number}", "1-1", source="gcc") for number in (10, 9, 8, 7, 6, 5, 4)]
    world.report(device, *packages)
    with world.read() as read:
        lens = Lens(read, EVERYTHING)
        found = intel.find(read.conn, "CVE-2099-0001")
        assert found is not None
        row = weakness_rows(lens, [found])[0]
    assert [one.name for one in row.software] == ["lib4", "lib5", "lib6", "lib7", "lib8"]
    assert (len(row.software), row.software_count) == (SOFTWARE_SHOWN, 7)


def test_what_the_snapshot_does_not_know_is_left_out(world: World) -> None:
    with world.read() as read:
        lens = Lens(read, EVERYTHING)
        assert weakness_rows(lens, [404]) == []
        assert software_rows(lens, [404]) == []


def test_affected_software_tells_the_identity_that_a_correction_names(world: World) -> None:
    device = world.enrol("box")
    world.know("osv", advisory("CVE-2099-0001", debian("gcc")))
    world.report(device, dpkg("libgcc-s1", "1-1", source="gcc"))
    with world.read() as read:
        affected = weaknesses.detail(read, EVERYTHING, "CVE-2099-0001").affected_software
    assert [one.looked_up_as for one in affected] == [LookedUpAs(ecosystem="Debian:12", name="gcc")]


def test_no_time_is_no_text() -> None:
    assert iso(None) is None
    assert iso(0) == "1970-01-01T00:00:00.000000Z"
