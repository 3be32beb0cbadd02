"""Exports of other tools: one record for each installation on each device; each is read or refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from weakspot.inventory import protocols
from weakspot.inventory.protocols import Document, ReadInventory


def read(data: Any, name: str = "export.json") -> tuple[str, dict[str, ReadInventory]]:
    """Format and devices of a document."""
    text = data if isinstance(data, str) else json.dumps(data)
    document = Document(text.encode(), name)
    return protocols.recognise(document).name, {one.device.name: one for one in protocols.read(document)}


def wazuh_package(agent: str, name: str, form: str = "deb", **more: str) -> dict[str, Any]:
    """As ``GET /syscollector/{agent}/packages`` gives it."""
    return {"agent_id": agent, "scan": {"id": 0}, "name": name, "version": "1.0-1", "format": form,
            "architecture": "amd64", "vendor": "Somebody", "location": " "} | more  # fmt: skip


def test_wazuhs_api() -> None:
    items = [
        wazuh_package("001", "libc6", source="glibc"), wazuh_package("001", "base-files", version="12.4+deb12u5"),
        wazuh_package("002", "7-Zip", "win", location="C:\\7z"), wazuh_package("002", ""),
        {"agent_id": "002", "scan": {}, "hotfix": "KB5034123"},
    ]  # fmt: skip
    form, found = read({"data": {"affected_items": items, "total_affected_items": 5}, "error": 0})
    assert form == "wazuh"
    linux, windows = found["wazuh-agent-001"], found["wazuh-agent-002"]
    assert (linux.device.os.distribution, linux.device.os.version) == ("debian", "12")
    assert {(one.name, one.source_name) for one in linux.software} == {("libc6", "glibc"), ("base-files", "")}
    assert {(one.type, one.name) for one in windows.software} == {
        ("windows_program", "7-Zip"), ("windows_update", "KB5034123"),
    }  # fmt: skip
    assert [one.reason for one in windows.refused] == ["has no name"]
    assert sum(one.records for one in found.values()) == len(items)


def test_wazuhs_indexer() -> None:
    os = {"name": "Microsoft Windows 11 Pro", "version": "10.0.22631.2861"}
    hits = [
        {"_source": {"agent": {"id": "7", "name": "PC-7"}, "host": {"os": os},
                     "package": {"name": "Chrome", "version": "120", "type": "win", "path": "C:\\chrome"}}},
        {"_source": {"agent": {"id": "7", "name": "PC-7"}, "host": {"os": os}, "hotfix": {"name": "KB1234567"}}},
        5,
    ]  # fmt: skip
    form, found = read({"hits": {"hits": hits}})
    assert form == "wazuh"
    assert found["PC-7"].device.os.build == "10.0.22631.2861"
    assert {one.name for one in found["PC-7"].software} == {"Chrome", "KB1234567"}
    assert sum(one.records for one in found.values()) == len(hits)


DEFENDER = {
    "deviceId": "d1", "deviceName": "pc-1.example.org", "osPlatform": "Windows11", "softwareVendor": "google",
    "softwareName": "chrome", "softwareVersion": "120.0.6099.130", "numberOfWeaknesses": 3,
    "diskPaths": ["C:\\Program Files\\Google\\Chrome"], "registryPaths": ["HKEY_LOCAL_MACHINE\\x"],
    "softwareFirstSeenTimestamp": "2026-01-01 10:00:00", "endOfSupportStatus": None,
}  # fmt: skip


@pytest.mark.parametrize("form", ["page", "lines", "pascal"])
def test_defenders_software_by_machine(form: str) -> None:
    rows = [
        DEFENDER,
        DEFENDER | {"deviceId": "d2", "deviceName": "srv", "osPlatform": "Ubuntu", "softwareVendor": "ubuntu",
                    "softwareName": "openssl", "softwareVersion": "3.0.2-0ubuntu1.15"},
        DEFENDER | {"softwareName": ""},
        DEFENDER | {"deviceId": "", "deviceName": ""},
    ]  # fmt: skip
    data: Any = {"value": rows, "@odata.context": "x"}
    if form == "lines":
        data = "\n".join(map(json.dumps, rows))
    if form == "pascal":
        data = [{name[:1].upper() + name[1:]: value for name, value in row.items()} for row in rows]
    name, found = read(data)
    assert name == "defender-export"
    windows, linux = found["pc-1.example.org"], found["srv"]
    (chrome,) = windows.software
    assert (chrome.type, chrome.vendor, chrome.name, chrome.version) == (
        "windows_program", "google", "chrome", "120.0.6099.130",
    )  # fmt: skip
    assert chrome.paths == ("C:\\Program Files\\Google\\Chrome", "HKEY_LOCAL_MACHINE\\x")
    assert [(one.type, one.name) for one in linux.software] == [("dpkg", "openssl")]
    assert found["export"].refused[0].reason == "names no device"
    assert sum(one.records for one in found.values()) == len(rows)


def test_intunes_detected_apps() -> None:
    apps = [
        {"id": "a", "displayName": "Zoom", "version": "5.0", "publisher": "Zoom", "platform": "windows",
         "managedDevices": [{"id": "1", "deviceName": "PC-1", "operatingSystem": "Windows"},
                            {"id": "2", "deviceName": "PC-2", "operatingSystem": "Windows"}]},
        {"id": "b", "displayName": "Lonely", "version": "1", "platform": "windows", "managedDevices": []},
    ]  # fmt: skip
    form, found = read({"value": apps})
    assert form == "intune"
    assert {name: len(one.software) for name, one in found.items()} == {"PC-1": 1, "PC-2": 1, "export": 0}
    assert found["export"].refused[0].reason == "was detected on no device"


def test_intunes_and_defenders_csv() -> None:
    text = (
        "DeviceName,Platform,ApplicationName,ApplicationPublisher,ApplicationVersion\n"
        "PC-1,Windows,Zoom,Zoom Video,5.0\n"
    )
    form, found = read(text, "intune.csv")
    assert (form, found["PC-1"].software[0].vendor) == ("csv", "Zoom Video")
    text = "DeviceName,OSPlatform,SoftwareVendor,SoftwareName,SoftwareVersion\nPC-2,Windows10,google,chrome,120.0\n"
    form, found = read(text, "defender.csv")
    assert found["PC-2"].software[0].type == "windows_program"
    assert found["PC-2"].device.os.platform == "Windows"


@pytest.mark.parametrize("text", ["{}", "[]", '{"value": []}', '{"data": {"affected_items": "x"}}', '{"hits": 5}'])
def test_what_is_empty_is_nobodys(text: str) -> None:
    document = Document(text.encode(), "x.json")
    names = [reader.name for reader in protocols.READERS if reader.recognises(document)]
    assert not {"wazuh", "defender-export", "intune"} & set(names)
