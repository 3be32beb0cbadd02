from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors
from weakspot_sensor.collectors import hardware

DMI = "/sys/class/dmi/id/"
MACHINE_ID = "0123456789abcdef0123456789abcdef"


def _card(name: str, address: str, assigned: str = "0") -> dict[str, str | bytes]:
    base = f"/sys/class/net/{name}/"
    return {base + "device/vendor": "", base + "address": address + "\n", base + "addr_assign_type": assigned}


def test_ids_in_a_fixed_order_without_fillers(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/etc/machine-id": MACHINE_ID + "\n",
        DMI + "product_uuid": "4C4C4544-0051-3610-8052-B4C04F4D3032\n",
        DMI + "product_serial": "To be filled by O.E.M.\n",
        DMI + "board_serial": "PF1234\n",
        DMI + "sys_vendor": "Example Inc.\n",
        DMI + "product_name": "Default string\n",
        DMI + "bios_version": "N2.1\n",
        "/run/cloud-init/instance-data.json": json.dumps({"v1": {"instance_id": "i-0abc"}}),
        "/sys/class/net/br0/address": "02:00:00:00:00:09\n",
        **_card("eth1", "52:54:00:AA:BB:CC"),
        **_card("eth0", "00:00:00:00:00:00"),
        **_card("wlan0", "02:00:00:00:00:01", assigned="1"),
        **_card("bonded", "52:54:00:00:00:01"),
        "/sys/class/net/bonded/bonding_slave/perm_hwaddr": "52:54:00:00:00:02\n",
    }
    facts = collectors.run(hardware.COLLECTOR, make_root(tmp_path, files), "linux").facts
    assert [(entry["kind"], entry["value"]) for entry in facts["hardware_ids"]] == [
        ("machine_id", MACHINE_ID),
        ("product_uuid", "4c4c4544-0051-3610-8052-b4c04f4d3032"),
        ("board_serial", "PF1234"),
        ("mac", "52:54:00:00:00:02"),
        ("mac", "52:54:00:aa:bb:cc"),
        ("cloud_instance", "i-0abc"),
    ]
    assert facts["hardware"]["vendor"] == "Example Inc."
    assert (facts["hardware"]["model"], facts["hardware"]["serial"]) == ("", "")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "None",
        "0000-0000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "To Be Filled By O.E.M.",
        "System Serial Number",
        "Default string",
        "03000200-0400-0500-0006-000700080009",
        "Not Specified",
        "xxxxxxxx",
        "1234567890",
        "...",
    ],
)
def test_fillers(value: str) -> None:
    assert hardware.is_placeholder(value)


@pytest.mark.parametrize("value", ["PF1234", "i-0abc", "VMware-42 1f", "7"[0] + "F3K2J3"])
def test_real_values_are_kept(value: str) -> None:
    assert not hardware.is_placeholder(value)


@pytest.mark.parametrize("content", ["[", "[]", '{"v1": 3}', '{"v1": {"instance_id": 5}}'])
def test_odd_cloud_data_gives_no_id(tmp_path: Path, content: str) -> None:
    root = make_root(tmp_path, {"/run/cloud-init/instance-data.json": content})
    assert collectors.run(hardware.COLLECTOR, root, "linux").facts["hardware_ids"] == []


def test_a_machine_id_not_yet_set_is_none(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/machine-id": "uninitialized\n", "/var/lib/dbus/machine-id": MACHINE_ID})
    found = collectors.run(hardware.COLLECTOR, root, "linux").facts["hardware_ids"]
    assert found == [{"kind": "machine_id", "value": MACHINE_ID}]


@pytest.mark.parametrize(
    ("data", "secure"), [(b"\6\0\0\0\1", True), (b"\6\0\0\0\0", False), (b"", None), (b"\6\0\0\0\1\1", None)]
)
def test_firmware_and_secure_boot(tmp_path: Path, data: bytes, secure: bool | None) -> None:
    """UEFI specification 3.3: the variable SecureBoot is one byte, after the file system's four of attributes."""
    path = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    found = collectors.run(hardware.COLLECTOR, make_root(tmp_path, {path: data}), "linux").facts["hardware"]
    assert (found["firmware"], found["secure_boot"]) == ("uefi", secure)
