"""weakspot.queries.defender_updates."""

from __future__ import annotations

import uuid

import pytest

from tests.support.world import EVERYTHING, World, advisory
from weakspot.intel.contracts import Range
from weakspot.inventory.contracts import HardwareId, InstalledSoftware, OperatingSystem
from weakspot.queries import ListQuery, ReadContext, software
from weakspot.queries.defender_updates import Fix, missing_updates, software_missing_updates
from weakspot.queries.lens import Lens
from weakspot.runtime.errors import NotFound

NAME = "Windows Server 2022"


def test_what_a_device_lacks(world: World) -> None:
    world.know(
        "wesng",
        advisory("CVE-2099-0001", Range("windows", NAME.lower(), module="KB5000001")),
        advisory("CVE-2099-0002", Range("windows", NAME.lower(), module="KB5000002")),
    )
    server = world.enrol(
        "server",
        os=OperatingSystem(platform="Windows", distribution="windows"),
        hardware_ids=(HardwareId("machine_id", uuid.uuid4().hex),),
    )
    world.report(
        server,
        InstalledSoftware(type="windows_os", name=NAME, version="10.0.20348"),
        InstalledSoftware(type="windows_update", name="KB5000001", version="", module="applied"),
    )
    with world.read() as read:
        assert list(missing_updates(Lens(read, EVERYTHING), server.public_id)) == [
            Fix(
                id="5000002",
                name="Security update KB5000002 for Windows Server 2022",
                products_names=["windows server 2022"],
                url="https://www.catalog.update.microsoft.com/Search.aspx?q=KB5000002",
                machine_missed_on=1,
                cve_addressed=1,
            )
        ]
        (fix,) = software_missing_updates(Lens(read, EVERYTHING), windows_id(read))
        assert (fix.id, fix.machine_missed_on, fix.cve_addressed) == ("5000002", 1, 1)


def windows_id(read: ReadContext) -> str:
    """Id of the one Windows of the fleet."""
    return next(row.id for row in software.page(read, EVERYTHING, ListQuery()).items if row.name == NAME)


def test_a_device_without_windows_lacks_none(world: World) -> None:
    debian = world.enrol("debian")
    with world.read() as read:
        lens = Lens(read, EVERYTHING)
        assert list(missing_updates(lens, debian.public_id)) == []
        with pytest.raises(NotFound):
            list(missing_updates(lens, "nobody"))
