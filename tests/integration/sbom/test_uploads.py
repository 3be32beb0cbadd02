"""Bills of materials and inventories by upload, through a real server: counts, reasons, speed, parts of one device."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.device import RealDevice, package
from tests.support.server import Reply, ServerProcess

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "inventories"
BUDGET_SECONDS = 1.0


def upload(server: ServerProcess, path: str, data: bytes, **headers: str) -> Reply:
    """A file as the command line sends it."""
    given = {"Authorization": f"Bearer {server.admin_token}", "Content-Type": "application/octet-stream"}
    return server.request("POST", path, raw=data, headers=given | headers)


def cyclonedx(count: int, spec: str = "1.6", start: int = 0) -> bytes:
    """A bill of materials with that many npm packages."""
    components = [
        {
            "type": "library",
            "name": f"package-{n}",
            "version": f"1.{n % 7}.0",
            "purl": f"pkg:npm/package-{n}@1.{n % 7}.0",
        }
        for n in range(start, start + count)
    ]
    document = {"bomFormat": "CycloneDX", "specVersion": spec, "version": 1, "components": components}
    return json.dumps(document | {"metadata": {"component": {"type": "application", "name": "webshop"}}}).encode()


def software(server: ServerProcess, device: str) -> set[tuple[str, str]]:
    """(name, version) of a device."""
    found: set[tuple[str, str]] = set()
    page, total = 1, 1
    while (page - 1) * 500 < total:
        got = server.get(f"/api/v1/devices/{device}/software?page={page}&page_size=500")
        found |= {(row["software"]["name"], row["version"]) for row in got["items"]}
        page, total = page + 1, got["total"]
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used; unlike the time of day, other processes do not add to it."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.full  # a budget of processor time: for a machine that does nothing else
def test_three_thousand_components_cost_less_than_a_second(server: ServerProcess) -> None:
    device = RealDevice(server, "shop01")
    device.report(package("curl"))
    data = gzip.compress(cyclonedx(3_000))
    before = cpu_seconds(server.pid)
    reply = upload(server, f"/api/v1/devices/{device.id}/sbom", data, **{"Content-Encoding": "gzip"})
    took = cpu_seconds(server.pid) - before
    assert reply.status == 200, reply.body
    assert (reply.json["source"], reply.json["software"], reply.json["refused"]) == ("sbom:webshop", 3_000, [])
    assert server.get(f"/api/v1/devices/{device.id}/software?page_size=30")["total"] == 3_001
    assert took < BUDGET_SECONDS, f"{took:.2f} s"


def test_components_of_a_device_stand_beside_its_sensor(server: ServerProcess) -> None:
    device = RealDevice(server, "shop02")
    device.report(package("curl"))
    path = f"/api/v1/devices/{device.id}/sbom"
    assert upload(server, f"{path}?component=one", cyclonedx(2)).status == 200
    assert upload(server, f"{path}?component=two", cyclonedx(2, "1.4", start=10)).status == 200
    assert upload(server, f"{path}?component=one", cyclonedx(1, "1.5", start=20)).status == 200
    device.report(package("bash"))
    assert {name for name, _ in software(server, device.id)} == {"bash", "package-10", "package-11", "package-20"}
    sources = server.get(f"/api/v1/devices/{device.id}/sources")
    assert [(one["source"], one["software"]) for one in sources] == [("sensor", 1), ("sbom:one", 1), ("sbom:two", 2)]
    server.admin("DELETE", f"/api/v1/devices/{device.id}/sources/{quote('sbom:two', safe='')}")
    assert {name for name, _ in software(server, device.id)} == {"bash", "package-20"}
    assert server.get(f"/api/v1/devices/{device.id}")["device"]["name"] == "shop02"


def test_spdx_of_both_generations(server: ServerProcess) -> None:
    two = {
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "spdx-two",
        "packages": [{"name": "requests", "versionInfo": "2.30.0", "externalRefs": [
            {"referenceType": "purl", "referenceLocator": "pkg:pypi/requests@2.30.0"}]}],
    }  # fmt: skip
    three = {
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "SpdxDocument", "name": "spdx-three"},
            {"type": "software_Package", "name": "flask", "software_packageVersion": "2.0.0",
             "software_packageUrl": "pkg:pypi/flask@2.0.0"},
        ],
    }  # fmt: skip
    for document, name, expected in ((two, "spdx-two", "requests"), (three, "spdx-three", "flask")):
        (one,) = upload(server, "/api/v1/inventories", json.dumps(document).encode()).json["devices"]
        assert one["device_name"] == name
        assert {found for found, _ in software(server, one["device_id"])} == {expected}


def test_the_same_name_is_the_same_device(server: ServerProcess) -> None:
    table = b"Product,Release,Computer\ncurl,8.0,pc-1\ncurl,8.0,pc-2\n,1.0,pc-2\nbad\x07name,1,pc-1\n"
    path = "/api/v1/inventories?columns=" + quote("name=Product,version=Release,host=Computer")
    first = upload(server, path, table).json
    assert {one["device_name"]: (one["records"], one["software"]) for one in first["devices"]} == {
        "pc-1": (2, 1), "pc-2": (2, 1),
    }  # fmt: skip
    refused = {record["reason"] for one in first["devices"] for record in one["refused"]}
    assert refused == {"has no name", "has control or direction marks in its name"}
    second = upload(server, path, table.replace(b"8.0", b"8.1")).json
    assert [one["device_id"] for one in second["devices"]] == [one["device_id"] for one in first["devices"]]
    assert software(server, second["devices"][0]["device_id"]) == {("curl", "8.1")}


def test_what_cannot_be_read_says_why_and_stops_nothing(server: ServerProcess, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("good.json", cyclonedx(1).replace(b"webshop", b"in-archive"))
        archive.writestr("other.bin", b"\x00\x01")
    outcome = upload(server, "/api/v1/inventories?file=all.zip", path.read_bytes()).json
    assert [one["device_name"] for one in outcome["devices"]] == ["in-archive"]
    assert [one["file"] for one in outcome["failures"]] == ["other.bin"]
    bomb = gzip.compress(b"0" * 200_000_000)
    refused = upload(server, "/api/v1/inventories", bomb, **{"Content-Encoding": "gzip"})
    assert refused.status == 413
    assert upload(server, "/api/v1/inventories?columns=name", b"a,b\n").status == 422
    assert upload(server, f"/api/v1/devices/{'0' * 40}/sbom", cyclonedx(1)).status == 404


def test_who_may_not_upload_cannot(server: ServerProcess) -> None:
    token = server.admin("POST", "/api/v1/admin/api-tokens", {"name": "reader", "role": "reader"}).json["token"]
    reply = server.request(
        "POST", "/api/v1/inventories", raw=cyclonedx(1), headers={"Authorization": f"Bearer {token}"}
    )
    assert reply.status == 403
    assert server.request("POST", "/api/v1/inventories", raw=cyclonedx(1)).status == 401


def test_the_command_line_imports_files(server: ServerProcess, tmp_path: Path) -> None:
    export = [
        {"deviceId": "d1", "deviceName": "pc-9", "osPlatform": "Windows11", "softwareVendor": "google",
         "softwareName": "chrome", "softwareVersion": "120.0.1", "diskPaths": ["C:\\chrome.exe"]},
        {"deviceId": "d1", "deviceName": "pc-9", "osPlatform": "Windows11", "softwareVendor": "x",
         "softwareName": "", "softwareVersion": "1"},
    ]  # fmt: skip
    path = tmp_path / "export.json"
    path.write_text("\n".join(json.dumps(one) for one in export))
    done = server.cli("import", str(path))
    assert done.returncode == 0, done.stderr
    assert "pc-9" in done.stdout
    assert "1 of 2 records" in done.stdout
    assert "it has no name" in done.stderr
    (tmp_path / "nothing.txt").write_text("nothing")
    done = server.cli("import", str(tmp_path / "nothing.txt"))
    assert done.returncode == 1
    assert "no inventory that is known" in done.stderr


@pytest.mark.real_data
@pytest.mark.timeout(400)
@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data (../shared/data) is not here")
@pytest.mark.full
def test_every_real_inventory_loads_and_nothing_is_lost(server: ServerProcess) -> None:
    names = [
        "claircore-dpkg-texlive.status.gz", "fleet/windows_11-software.json.gz", "fleet/ubuntu_2204-software.json.gz",
        "fleet/macos_vulnerable-software.json.gz", "vuls-scanned-hosts.json.gz", "glpi-inventory-format.zip",
        "cyclonedx-bom-examples.zip", "wesng-systeminfo.zip",
    ]  # fmt: skip
    latest: dict[str, dict[str, Any]] = {}
    for name in names:
        file = Path(name).name
        reply = upload(server, f"/api/v1/inventories?file={quote(file)}", (DATA / name).read_bytes())
        assert reply.status == 200, (name, reply.body[:500])
        outcome = reply.json
        assert outcome["devices"], name
        for one in outcome["devices"]:
            refused, repeated = len(one["refused"]), one["repeated"]
            assert one["software"] + refused + repeated == one["records"], (name, one["device_name"])
            assert all(record["reason"] for record in one["refused"])
            latest[one["device_id"]] = one
        assert all(one["reason"] for one in outcome["failures"])
    for device, one in latest.items():
        total = server.get(f"/api/v1/devices/{device}/software?page_size=1")["total"]
        parts = server.get(f"/api/v1/devices/{device}/sources")
        if len(parts) == 1:
            assert total == one["software"], one["device_name"]
