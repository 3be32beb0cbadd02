from __future__ import annotations

from tests.unit.sensor.registry_fixture import WrittenRegistry
from weakspot_sensor.collectors import windows_software

MACHINE = "HKLM\\" + windows_software.UNINSTALL + "\\"
USER = "HKU\\S-1-5-21-1-2-3-1001\\" + windows_software.UNINSTALL + "\\"
SYSTEM_USER = "HKU\\S-1-5-18\\" + windows_software.UNINSTALL + "\\"


def test_programs_of_both_views_and_of_users() -> None:
    source = WrittenRegistry(
        {
            MACHINE + "Packer": {
                "DisplayName": "Packer 24.01 (x64)",
                "DisplayVersion": "24.01",
                "Publisher": "Example",
                "InstallLocation": "C:\\Program Files\\Packer\\",
                "InstallDate": "20240131",
            },
            USER + "Chat": {"DisplayName": "Chat", "DisplayVersion": "1", "DisplayIcon": '"C:\\Users\\a\\chat.exe",0'},
            SYSTEM_USER + "Never": {"DisplayName": "Never", "DisplayVersion": "1"},
        },
        {MACHINE + "{GUID}": {"DisplayName": "Old tool", "DisplayVersion": "3", "InstallDate": "31.01.2024"}},
    )
    packer, old, chat = windows_software.read_from(source).items
    assert (packer["type"], packer["name"], packer["version"]) == ("windows_program", "Packer 24.01 (x64)", "24.01")
    assert packer["paths"][0] == "C:/Program Files/Packer"
    assert packer["paths"][1].startswith("HKLM/SOFTWARE/")
    assert packer["installed_at"] == "2024-01-31T00:00:00.000000Z"
    assert (old["architecture"], old["installed_at"]) == ("x86", None)
    assert chat["paths"][0] == "C:/Users/a/chat.exe"


def test_updates_and_parts_are_no_programs() -> None:
    hidden = (
        {"DisplayName": "Part", "SystemComponent": 1},
        {"DisplayName": "Patch", "ParentKeyName": "Packer"},
        {"DisplayName": "Fix", "ReleaseType": "Security Update"},
        {"DisplayVersion": "1"},
    )
    source = WrittenRegistry({MACHINE + str(number): values for number, values in enumerate(hidden)})
    assert windows_software.read_from(source).items == []
