from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.sensor.certificate_fixture import make_certificate
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot_sensor.collectors import CollectorError, windows_machine

KNOWN: dict[str, Any] = {"hardware": {"vendor": "Example", "serial": ""}, "hardware_ids": []}
DATA = base64.b64encode(make_certificate("root").public_bytes(Encoding.DER)).decode()
TOLD = {
    "product": {"UUID": "4C4C4544-0051-3610-8052-B4C04F4D3032", "IdentifyingNumber": "To be filled by O.E.M."},
    "memory": "17179869184",
    "adapters": {"Name": "Ethernet", "MacAddress": "00-15-5D-01-02-03", "Status": "Up", "ifIndex": 7},
    "addresses": [
        {"IPAddress": "fe80::1%7", "InterfaceIndex": 7},
        {"IPAddress": "192.0.2.7", "InterfaceIndex": 7},
    ],
    "users": [{"name": "anna", "id": "S-1-5-21-1-2-3-1001", "is_enabled": True, "is_admin": False}],
    "groups": {"name": "Administrators", "id": "S-1-5-32-544", "members": "PC7\\bob"},
    "services": [
        {"protocol": "tcp", "address": "::", "port": 445, "process": "System", "path": ""},
        {"protocol": "tcp", "address": "0.0.0.0", "port": 8080, "process": "shop", "path": "C:\\Shop\\shop.exe"},
        {"protocol": "tcp", "address": "", "port": 1},
        "odd",
    ],
    "certificates": [
        {"store": "Microsoft.PowerShell.Security\\Certificate::LocalMachine\\Root", "data": DATA},
        {"store": "x", "data": "%"},
    ],
}


def test_what_the_management_tells_fits_the_report() -> None:
    found = windows_machine.read_from(json.dumps(TOLD).encode("utf-8-sig"), KNOWN)
    assert found.facts["hardware"] == {"vendor": "Example", "serial": "", "memory_bytes": 17179869184}
    assert [one["kind"] for one in found.facts["hardware_ids"]] == ["product_uuid", "mac"]
    card = {"name": "Ethernet", "mac": "00:15:5d:01:02:03", "addresses": ["192.0.2.7"], "state": "up"}
    assert found.facts["interfaces"] == [card]
    details = msgspec.convert(found.facts.pop("details"), DeviceDetails)
    assert details.services is not None
    assert [(one.port, one.path) for one in details.services] == [(445, ""), (8080, "C:/Shop/shop.exe")]
    assert details.groups is not None
    assert details.groups[0].members == ("PC7\\bob",), "a list of one comes as that one"
    assert details.certificates is not None
    assert [(one.subject, one.store) for one in details.certificates] == [("CN=root", "LocalMachine/Root")]
    assert found.problems, "the other certificate cannot be read"
    msgspec.convert({"name": "PC7", "os": {"platform": "Windows"}, **found.facts}, DescribedDevice)


@pytest.mark.parametrize("output", [b"", b"[]", b"{", b"\xff\xfe"])
def test_an_odd_answer_fails_as_a_whole(output: bytes) -> None:
    with pytest.raises(CollectorError):
        windows_machine.read_from(output, KNOWN)


def test_an_empty_answer_is_taken() -> None:
    assert windows_machine.read_from(b"{}", KNOWN).facts["interfaces"] == []
