from __future__ import annotations

import json
import plistlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.sensor.certificate_fixture import make_certificate
from tests.unit.sensor.support import make_root
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot_sensor.collectors import Findings, base, macos_system

DIRECTORY = "/var/db/dslocal/nodes/Default/"
VERSION = {"ProductVersion": "14.5", "ProductBuildVersion": "23F79"}
PROFILE = {
    "SPHardwareDataType": [
        {
            "machine_model": "Mac15,3",
            "chip_type": "Apple M3",
            "physical_memory": "16 GB",
            "serial_number": "C02EXAMPLE7",
            "platform_UUID": "4C4C4544-0051-3610-8052-B4C04F4D3032",
            "boot_rom_version": "10151.1",
        }
    ],
    "SPNetworkDataType": [
        {"interface": "en0", "ip_address": ["192.0.2.9"], "Ethernet": {"MAC Address": "00:15:5D:01:02:03"}},
        {"interface": "utun0"},
    ],
}
LSOF = b"p7\ncnginx\nu0\nf5\nPTCP\nn*:80\nf6\nPTCP\nn[::1]:8080\np8\ncodd\nnnonsense\nn127.0.0.1:99999\n"


def _account(**values: str) -> bytes:
    return plistlib.dumps({name: value.split(",") for name, value in values.items()}, fmt=plistlib.FMT_BINARY)


def test_release_accounts_and_shares(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/System/Library/CoreServices/SystemVersion.plist": plistlib.dumps(VERSION),
        DIRECTORY + "users/anna.plist": _account(name="anna", uid="501", shell="/bin/zsh"),
        DIRECTORY + "users/_svc.plist": _account(name="_svc", uid="99", shell="/usr/bin/false"),
        DIRECTORY + "groups/admin.plist": _account(name="admin", gid="80", users="root,anna"),
        DIRECTORY + "sharepoints/Docs.plist": _account(name="Docs", directory_path="/Docs", smb_guestaccess="1"),
    }
    result = base.run(macos_system.COLLECTOR, make_root(tmp_path, files), "darwin")
    assert (result.facts["os"]["version"], result.facts["os"]["build"]) == ("14.5", "23F79")
    details = msgspec.convert(result.facts["details"], DeviceDetails)
    assert details.users is not None
    assert {one.name: (one.is_enabled, one.is_admin) for one in details.users} == {
        "anna": (True, True),
        "_svc": (False, False),
    }
    assert details.shares is not None
    assert [(one.name, one.path, one.allows_guests) for one in details.shares] == [("Docs", "/Docs", True)]


def test_what_programs_tell_fits_the_report() -> None:
    found = Findings()
    macos_system.add_profile(json.dumps(PROFILE).encode(), found)
    macos_system.add_listeners(LSOF, found)
    macos_system.add_certificates(make_certificate("root").public_bytes(Encoding.PEM), found)
    details = msgspec.convert(found.facts.pop("details"), DeviceDetails)
    device = msgspec.convert({"name": "mac", "os": {"platform": "macOS"}, **found.facts}, DescribedDevice)
    assert (device.hardware.model, device.hardware.memory_bytes) == ("Mac15,3", 16 << 30)
    assert [one.kind for one in device.hardware_ids] == ["product_uuid", "serial", "mac"]
    assert [one.name for one in device.interfaces] == ["en0"]
    assert details.services is not None
    ports = [(one.address, one.port, one.process) for one in details.services]
    assert ports == [("0.0.0.0", 80, "nginx"), ("::1", 8080, "nginx")]
    assert details.certificates is not None
    assert details.certificates[0].subject == "CN=root"


@pytest.mark.parametrize("odd", [{}, [], {"SPHardwareDataType": 3}, {"SPNetworkDataType": [{"ip_address": "x"}]}])
def test_odd_profiles_give_nothing(odd: Any) -> None:
    found = Findings()
    macos_system.add_profile(json.dumps(odd).encode(), found)
    assert found.facts["interfaces"] == []
