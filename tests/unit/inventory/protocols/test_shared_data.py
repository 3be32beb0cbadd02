"""Every inventory of the shared real data is read, and nothing of it is lost: counted again another way."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from weakspot.inventory import protocols
from weakspot.inventory.protocols import Document, ReadInventory

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "inventories"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the shared real data (../shared/data) is not here"),
]


def _bytes(name: str) -> bytes:
    return (DATA / name).read_bytes()


def _one(name: str) -> ReadInventory:
    (document,) = protocols.unpack(_bytes(name), name)
    (inventory,) = protocols.read(document)
    return inventory


def _archive(name: str) -> dict[str, tuple[bytes, Document]]:
    with zipfile.ZipFile(DATA / name) as archive:
        raw = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    return {document.name: (raw[document.name], document) for document in protocols.unpack(_bytes(name), name)}


def _total(inventory: ReadInventory) -> int:
    """Records that the file had: items, those refused, and those that repeated another."""
    repeated = [int(note.split()[0]) for note in inventory.notes if note.endswith("were joined with it")]
    assert all(record.reason for record in inventory.refused)
    return len(inventory.software) + len(inventory.refused) + sum(repeated)


def test_dpkg_status() -> None:
    name = "claircore-dpkg-texlive.status.gz"
    expected = len(re.findall(rb"^Package: ", gzip.decompress(_bytes(name)), re.MULTILINE))
    assert _total(_one(name)) == expected > 300


@pytest.mark.parametrize("name", ["windows_11-software", "ubuntu_2204-software", "macos_vulnerable-software"])
def test_plain_lists(name: str) -> None:
    data = json.loads(gzip.decompress(_bytes(f"fleet/{name}.json.gz")))
    assert _total(_one(f"fleet/{name}.json.gz")) == len(data if isinstance(data, list) else data["software"])


def test_scanned_hosts() -> None:
    data = json.loads(gzip.decompress(_bytes("vuls-scanned-hosts.json.gz")))
    (document,) = protocols.unpack(_bytes("vuls-scanned-hosts.json.gz"), "hosts.json.gz")
    found = {inventory.device.name: inventory for inventory in protocols.read(document)}
    assert len(found) == len(data) == 16
    for host in data:
        updates = host["windowsKB"].get("applied", []) + host["windowsKB"].get("unapplied", [])
        system = 1 if host["family"] == "windows" else 0
        assert _total(found[host["host"]]) == len(host["packages"]) + len(updates) + system


def test_glpi_examples() -> None:
    for name, (raw, document) in _archive("glpi-inventory-format.zip").items():
        if name == "LICENSE":
            continue
        (inventory,) = protocols.read(document)
        if name.endswith(".json"):
            expected = len(json.loads(raw)["content"].get("softwares", []))
        else:
            expected = len(ET.fromstring(raw).findall("CONTENT/SOFTWARES"))
        systems = sum(item.type == "windows_os" for item in inventory.software)
        assert _total(inventory) - systems == expected, name


def test_cyclonedx_examples() -> None:
    for name, (raw, document) in _archive("cyclonedx-bom-examples.zip").items():
        (inventory,) = protocols.read(document)
        expected, left = 0, list(json.loads(raw).get("components", []))
        while left:
            component = left.pop()
            left.extend(component.get("components", []))
            expected += component.get("type") != "operating-system"
        assert _total(inventory) == expected, name


def test_systeminfo_examples() -> None:
    for name, (_, document) in _archive("wesng-systeminfo.zip").items():
        text = document.text
        if not re.search(r"[\w)]\s*:\s*\d+\.\d+\.\d{4,5} ", text) and "Microsoft" not in text:
            continue
        if "systeminfo" not in name:
            continue
        (inventory,) = protocols.read(document)
        expected = len(re.findall(r"^\s*\[\d+\]\s*:\s*(?:KB|Q)\d{5,8}\b", text, re.MULTILINE))
        assert _total(inventory) == expected + 1, name
        assert inventory.software[0].type == "windows_os"


def test_a_csv_table() -> None:
    name = "../names/winget-index-2026-08-22.csv.gz"
    rows = list(csv.reader(io.StringIO(gzip.decompress(_bytes(name)).decode("utf-8-sig"))))
    assert _total(_one(name)) == len([row for row in rows[1:] if any(row)])
