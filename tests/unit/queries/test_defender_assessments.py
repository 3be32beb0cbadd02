"""The export of checks: one row for each device and check (spec/api.md 12.2)."""

from __future__ import annotations

from itertools import islice

from tests.support.world import EVERYTHING, Scope, World
from tests.unit.queries.test_checks import tell
from weakspot.inventory.contracts import OperatingSystem
from weakspot.queries.defender_assessments import AssetConfiguration, rows
from weakspot.queries.defender_exports import Cursor
from weakspot.queries.lens import Lens


def exported(world: World, scope: Scope = EVERYTHING, *, size: int | None = None) -> list[AssetConfiguration]:
    cursor, found = Cursor(world.clock.at), []
    while True:
        with world.read() as read:
            page = list(islice(rows(Lens(read, scope), cursor), size))
        found += [row for row, _ in page]
        if size is None or not page:
            return found
        cursor = page[-1][1]


def test_every_check_that_a_device_tells_of(world: World) -> None:
    servers = world.group("Servers")
    web, desk = world.enrol("web", group=servers), world.enrol("desk")
    world.enrol("till", os=OperatingSystem(platform="Windows", distribution="windows"))
    tell(world, web, aslr="2")
    tell(world, desk, aslr="0")
    found = exported(world)
    aslr = {row.device_name: row for row in found if row.configuration_id == "check-linux-aslr"}
    assert {name: row.is_compliant for name, row in aslr.items()} == {"web": True, "desk": False}
    row = aslr["desk"]
    assert (row.configuration_category, row.configuration_impact, row.is_applicable) == ("OS", 7, True)
    assert row.recommendation_reference == "sca-_-check-linux-aslr"
    assert (row.rbac_group_name, aslr["web"].rbac_group_name) == ("Unassigned", "Servers")
    assert {one.device_name for one in found} == {"web", "desk"}, "what is not told has no row: unknown is neither"
    assert [one.device_name for one in exported(world, Scope(frozenset([servers])))] == ["web"]


def test_pages_fit_together(world: World) -> None:
    for name in ("one", "two", "three"):
        tell(world, world.enrol(name), aslr="0", updates="enabled")
    whole = exported(world)
    assert len(whole) == len({(row.device_id, row.configuration_id) for row in whole}) == 6
    for size in (1, 2, 3, 4):
        assert exported(world, size=size) == whole
