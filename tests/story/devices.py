"""Who plays in the story: a small fleet made by hand, and a real host of the shared data."""

from __future__ import annotations

import gzip
import json
import uuid
import zipfile
from pathlib import Path

import msgspec

from weakspot.intel.contracts import AdvisoryRecord
from weakspot.intel.sources.osv.reader import decode
from weakspot.inventory import protocols
from weakspot.inventory.contracts import DescribedDevice, HardwareId, InstalledSoftware, OperatingSystem
from weakspot.inventory.protocols import Document

Device = tuple[DescribedDevice, list[InstalledSoftware]]
REAL, ARCHIVE, ECOSYSTEM = "alma_8", "AlmaLinux", "AlmaLinux:8"


def knowledge(data: Path, cast: list[Device]) -> list[AdvisoryRecord]:
    """What OSV says of the packages on the real host, read from the shared data."""
    names = {name for _, software in cast for item in software for name in (item.source_name, item.name)}
    found = []
    with zipfile.ZipFile(data / "osv" / ARCHIVE / "all.zip") as archive:
        for info in archive.infolist():
            record = decode(archive.read(info))
            if any(one.name in names and one.ecosystem == ECOSYSTEM for one in record.ranges):
                found.append(record)
    return found


def by_hand() -> list[Device]:
    """Three devices with old packages of Debian 12."""
    system = OperatingSystem(platform="Linux", distribution="debian", version="12", kernel="6.1.0-25-amd64")
    versions = {"openssl": "3.0.9-1", "curl": "7.88.1-10", "sudo": "1.9.13p3-1", "bash": "5.2.15-2"}
    software = [
        InstalledSoftware(
            type="dpkg", name=name, version=version, architecture="amd64", source_name=name, source_version=version
        )
        for name, version in versions.items()
    ]
    return [
        (
            DescribedDevice(name=f"web0{n}", os=system, hardware_ids=(HardwareId("machine_id", uuid.uuid4().hex),)),
            software,
        )
        for n in range(1, 4)
    ]


def real(data: Path) -> list[Device] | None:
    """One real host; None where the shared data is not there."""
    path = data / "inventories" / "vuls-scanned-hosts.json.gz"
    if not path.is_file():
        return None
    hosts = json.loads(gzip.decompress(path.read_bytes()))
    found = next((one for one in hosts if one.get("host") == REAL), None)
    if found is None:
        return None
    (read,) = protocols.read(Document(json.dumps([found]).encode(), "host.json"))
    machine = HardwareId("machine_id", uuid.uuid4().hex)
    return [(msgspec.structs.replace(read.device, hardware_ids=(machine,)), list(read.software))]
