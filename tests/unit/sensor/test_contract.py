"""What the sensor sends is what the server accepts: the two share no code, so a test holds them together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tests.unit.sensor.support import item, make_root
from weakspot.inventory.contracts import DescribedDevice, Report
from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot.inventory.rules.identity import digest_of, wire_hash
from weakspot_sensor import collect, items, limits, reports
from weakspot_sensor.collectors import dpkg


def _decode(document: dict[str, Any]) -> Report:
    return msgspec.json.decode(msgspec.json.encode(document), type=Report)


def test_the_report_of_this_machine_is_accepted() -> None:
    found = collect.collect("/")
    report = _decode(reports.full(found, 1, "00000000-0000-4000-8000-000000000000", 1.7e9))
    assert len(report.software) == len(found["software"])
    assert digest_of(map(wire_hash, report.software)) == found["digest"]
    told = msgspec.convert(found["details"], DeviceDetails)
    assert report.details == told
    assert told.users, "this machine has users"
    assert msgspec.to_builtins(report.device) == msgspec.to_builtins(msgspec.convert(found["device"], DescribedDevice))


def test_the_report_of_an_almost_empty_system_is_accepted(tmp_path: Path) -> None:
    assert _decode(reports.full(collect.collect(str(tmp_path)), 1, "report-1", 1.7e9)).device.name == "localhost"


def test_a_delta_is_accepted() -> None:
    found = collect.assemble([])
    removed = [items.identity(item("gone"))]
    report = _decode(
        reports.delta(found, "0" * 64, [item("new", path="/x", installed_at=1.0)], removed, 2, "report-2", 0)
    )
    assert (report.added[0].name, report.removed[0].name) == ("new", "gone")


def test_the_longest_values_are_accepted(tmp_path: Path) -> None:
    """Every text of a hostile system comes out within the server's bounds."""
    long = "x" * 5000
    files: dict[str, str | bytes] = {
        dpkg.STATUS: f"Package: {long}\nStatus: install ok installed\nVersion: {long}\nArchitecture: {long}\n"
        f"Source: {long} ({long})\nMaintainer: {long}\n",
        "/etc/hostname": f"{long}.{long}",
        "/etc/os-release": f"ID={long}\nVERSION_ID={long}\nVERSION_CODENAME={long}\nBUILD_ID={long}\n",
        "/boot/vmlinuz-6" + "1" * 200: "",
        "/var/lib/cloud/data/instance-id": "y" + long,
        "/sys/class/dmi/id/product_serial": "y" + long,
        "/sys/class/net/eth0/device/x": "",
        "/sys/class/net/eth0/address": long,
    }
    found = collect.collect(make_root(tmp_path, files).path)
    report = _decode(reports.full(found, 1, "report-1", 0))
    assert len(report.software[0].name) == limits.TEXT_CHARACTERS
