from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sensor.registry_fixture import WrittenRegistry
from weakspot.inventory.contracts import InstalledSoftware
from weakspot.vocabulary.windows import product_of
from weakspot_sensor.collectors import windows_system

VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
SERVICING = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing"
CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control"
PACKAGE = SERVICING + "\\Packages\\Package_1_for_KB5031234~0123456789abcdef~amd64~~10.0.1.0"


def _system(**more: Any) -> dict[str, dict[str, Any]]:
    version = {
        "ProductName": "Windows 10 Pro",
        "DisplayVersion": "23H2",
        "CurrentMajorVersionNumber": 10,
        "CurrentMinorVersionNumber": 0,
        "CurrentBuildNumber": "22631",
        "UBR": 3155,
        "InstallationType": "Client",
    }
    return {
        VERSION: {**version, **more},
        CONTROL + "\\Session Manager\\Environment": {"PROCESSOR_ARCHITECTURE": "AMD64"},
        CONTROL + "\\SecureBoot\\State": {"UEFISecureBootEnabled": 1},
        CONTROL: {"PEFirmwareType": 2},
        PACKAGE: {"CurrentState": 112},
        PACKAGE.replace("5031234", "5030000"): {"CurrentState": 80},
        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters": {"Hostname": "PC7", "Domain": "example.org"},
        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Shares": {
            "Docs": ["ShareName=Docs", "Path=C:\\Docs", "Type=0"],
            "Printer": ["Path=LPT1", "Type=1"],
        },
        "HKLM\\SOFTWARE\\Microsoft\\Cryptography": {"MachineGuid": "0A1B2C3D-0000-4000-8000-000000000001"},
    }


def test_the_system_with_its_full_build() -> None:
    """The server knows the edition by this name and build (vocabulary.windows)."""
    found = windows_system.read_from(WrittenRegistry(_system()))
    told = found.facts["os"]
    assert (told["platform"], told["version"], told["build"]) == ("Windows", "Windows 11 Pro", "10.0.22631.3155")
    assert (found.facts["name"], found.facts["domain"]) == ("PC7", "example.org")
    assert (found.facts["hardware"]["firmware"], found.facts["hardware"]["secure_boot"]) == ("uefi", True)
    assert found.facts["hardware_ids"] == [{"kind": "machine_id", "value": "0a1b2c3d-0000-4000-8000-000000000001"}]
    system, update = (InstalledSoftware(**item) for item in found.items)
    assert system.type == "windows_os"
    product = product_of(system.name, system.version, system.architecture)
    assert product == "windows 11 version 23h2 for x64-based systems"
    assert (update.type, update.name, update.module) == ("windows_update", "KB5031234", "applied")
    share = {"protocol": "smb", "name": "Docs", "path": "C:/Docs"}
    assert found.facts["details"]["shares"] == [share]


def test_servers_keep_their_name() -> None:
    source = WrittenRegistry(_system(ProductName="Windows Server 2025 Standard", InstallationType="Server"))
    assert windows_system.read_from(source).facts["os"]["version"] == "Windows Server 2025 Standard"


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (SERVICING + "\\RebootPending", {}),
        ("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired", {}),
        (CONTROL + "\\Session Manager", {"PendingFileRenameOperations": ["\\??\\C:\\x", ""]}),
        (CONTROL + "\\ComputerName\\ComputerName", {"ComputerName": "NEW"}),
    ],
)
def test_what_waits_for_a_restart(key: str, values: dict[str, Any]) -> None:
    assert not windows_system.restart_waits(WrittenRegistry(_system()))
    assert windows_system.restart_waits(WrittenRegistry({**_system(), key: values}))


def test_an_empty_registry_gives_no_items() -> None:
    assert windows_system.read_from(WrittenRegistry({})).items == []
