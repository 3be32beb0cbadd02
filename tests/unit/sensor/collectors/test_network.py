from __future__ import annotations

import socket
import struct
from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors
from weakspot_sensor.collectors import network
from weakspot_sensor.files import Root


def _message(family: int, scope: int, attributes: list[tuple[int, bytes]]) -> bytes:
    body = struct.pack("=BBBBI", family, 24, 0, scope, 7)
    for kind, value in attributes:
        body += struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)
    return body


def test_addresses_as_the_kernel_writes_them() -> None:
    four, six = socket.inet_aton("10.1.2.3"), socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    peer = socket.inet_aton("10.1.2.4")
    assert network.parse_address(_message(socket.AF_INET, 0, [(1, four)])) == (7, "10.1.2.3")
    assert network.parse_address(_message(socket.AF_INET, 0, [(1, peer), (2, four)])) == (7, "10.1.2.3")
    assert network.parse_address(_message(socket.AF_INET6, 0, [(3, b"eth0\0"), (1, six)])) == (
        7,
        "2001:db8::1",
    )
    assert network.parse_address(_message(socket.AF_INET6, 253, [(1, six)])) == (7, "")
    assert network.parse_address(_message(socket.AF_INET, 0, [(1, six)])) == (7, "")
    assert network.parse_address(_message(socket.AF_INET, 0, [])) == (7, "")


def test_interfaces_of_the_device_only(tmp_path: Path) -> None:
    base = "/sys/class/net/"
    files: dict[str, str | bytes] = {
        base + "eth0/device/vendor": "",
        base + "eth0/address": "52:54:00:AA:BB:CC\n",
        base + "eth0/operstate": "up\n",
        base + "tun0/device/x": "",
        base + "tun0/operstate": "unknown\n",
        base + "tun0/flags": "0x11c1\n",
        base + "lo/operstate": "unknown\n",
        base + "veth12ab/device/x": "",
        base + "docker0/operstate": "down\n",
        base + "bonding_masters": "",
    }
    result = collectors.run(network.COLLECTOR, make_root(tmp_path, files), "linux")
    assert result.facts["interfaces"] == [
        {"name": "eth0", "mac": "52:54:00:aa:bb:cc", "addresses": [], "state": "up"},
        {"name": "tun0", "mac": "", "addresses": [], "state": "up"},
    ]


def test_the_running_system_answers() -> None:
    result = collectors.run(network.COLLECTOR, Root(), "linux")
    assert result.status in ("succeeded", "not_applicable")
    assert all(entry["name"] != "lo" for entry in result.facts.get("interfaces", []))
