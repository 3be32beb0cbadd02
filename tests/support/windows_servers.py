"""Windows servers with vulnerabilities that need a part of the system (spec/features.md 11.5)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from tests.support.world import EVERYTHING, EnrolledDevice, World, advisory
from weakspot.intel.contracts import Range
from weakspot.inventory import settings
from weakspot.inventory.contracts import HardwareId, InstalledSoftware, OperatingSystem
from weakspot.inventory.detail_contracts import Setting
from weakspot.queries import devices, weaknesses
from weakspot.queries.base import ListQuery

NAME = "Windows Server 2022"
PRODUCT = NAME.lower()
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
DNS, QUEUES = "windows.service.dns_server", "windows.service.message_queuing"
NEEDS_DNS, NEEDS_QUEUES, NEEDS_NOTHING = "CVE-2099-0001", "CVE-2099-0002", "CVE-2099-0003"


def flaw(name: str, title: str, update: str, *more: Range) -> Any:
    fix = Range("windows", PRODUCT, end=None, end_kind="none", module=f"KB{update}")
    return advisory(name, fix, *more, cvss=HIGH, title=f"{title} Remote Code Execution Vulnerability")


DONE = flaw("CVE-2099-0009", "Windows Shell", "5000000")
"""Fixed everywhere: of a system without any update nothing can be said."""


class Servers(World):
    """Windows servers that have three flaws, of which two need a part of the system."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.know(
            "wesng",
            flaw(NEEDS_DNS, "Windows DNS Server", "5000001"),
            flaw(NEEDS_QUEUES, "Microsoft Message Queuing", "5000001"),
            flaw(NEEDS_NOTHING, "Windows Kernel", "5000001"),
            DONE,
        )

    def server(self, name: str, *more: InstalledSoftware, **told: str) -> EnrolledDevice:
        system = OperatingSystem(platform="Windows", distribution="windows", version="10.0.20348")
        device = self.enrol(name, os=system, hardware_ids=(HardwareId("machine_id", uuid.uuid4().hex),))
        self.report(
            device,
            InstalledSoftware(type="windows_os", name=NAME, version="10.0.20348"),
            InstalledSoftware(type="windows_update", name="KB5000000", version="", module="applied"),
            *more,
        )
        if told:
            self.tell(device, **told)
        return device

    def tell(self, device: EnrolledDevice, **told: str) -> None:
        names = {"dns": DNS, "queues": QUEUES}
        values, at = tuple(Setting(names[one], value) for one, value in told.items()), self.clock.at
        self.database.write(lambda conn: settings.record(conn, device.id, "sensor", values, at, at))
        self.catch_up()

    def exposed(self, name: str) -> tuple[set[str], int, int]:
        """Devices that the weakness lists, and how many it counts as exposed and as detected."""
        with self.read() as read:
            listed = {one.name for one in weaknesses.devices(read, EVERYTHING, name, ListQuery()).items}
            row = weaknesses.detail(read, EVERYTHING, name).weakness
        return listed, row.exposed_devices, row.detected_devices

    def score(self, device: EnrolledDevice) -> float | None:
        with self.read() as read:
            rows = devices.page(read, EVERYTHING, ListQuery()).items
        return next(one.exposure_score for one in rows if one.id == device.public_id)

    def counted(self, device: EnrolledDevice) -> dict[str, str]:
        """Weakness -> why it does not count, of the device's own page."""
        with self.read() as read:
            page = devices.weaknesses(read, EVERYTHING, device.public_id, ListQuery())
        assert all(one.is_counted is (one.weak_because == "") for one in page.items)
        return {one.weakness.name: one.weak_because for one in page.items}
