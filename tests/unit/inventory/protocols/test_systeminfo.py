from __future__ import annotations

import codecs

from tests.unit.inventory.protocols.support import document, read
from weakspot.inventory import protocols
from weakspot.inventory.protocols.gathering import gather, with_companions

GERMAN = """
Hostname:                  BÜRO
Betriebssystemname:        Microsoft Windows 10 Pro
Betriebssystemversion:     10.0.19045 Nicht zutreffend Build 19045
Systemtyp:                 x64-based PC
Hotfix(es):                2 Hotfix(e) installiert.
                           [01]: KB5031445
                           [02]: Q147222
Netzwerkkarte(n):          [01]: Intel
"""
QFE = (
    "Description  HotFixID   InstalledBy\nUpdate       KB5011048  NT AUTHORITY\nUpdate       KB5031445  NT AUTHORITY\n"
)
SEARCH = "KB5034441: 2024-01 Security Update for Windows 10 (KB5034441)\n"


def _updates(inventory: protocols.ReadInventory) -> set[tuple[str, str]]:
    return {(one.name, one.module) for one in inventory.software if one.type == "windows_update"}


def test_any_language_and_code_page() -> None:
    for data in (GERMAN.encode(), GERMAN.encode("cp1252"), codecs.BOM_UTF16_LE + GERMAN.encode("utf-16-le")):
        found = read(data, "buero_systeminfo.txt", by="systeminfo")
        assert found.device.name == "BÜRO"
        system = found.software[0]
        assert (system.type, system.name, system.version, system.architecture) == (
            "windows_os",
            "Windows 10 Pro",
            "10.0.19045",
            "x64",
        )
        assert _updates(found) == {("KB5031445", "applied"), ("KB147222", "applied")}


def test_update_lists_beside_it_belong_to_the_same_device() -> None:
    documents = [
        document(SEARCH, "x/buero_updates.txt"), document(GERMAN, "x/buero_systeminfo.txt"),
        document(QFE, "x/buero_qfe.txt"),
        document(QFE, "x/other_qfe.txt"),
    ]  # fmt: skip
    (main, beside), (alone, nothing) = gather(documents)
    assert (main.name, alone.name, nothing) == ("x/buero_systeminfo.txt", "x/other_qfe.txt", [])
    (inventory,) = protocols.read(main)
    assert _updates(with_companions(inventory, beside)) == {
        ("KB5031445", "applied"), ("KB147222", "applied"), ("KB5011048", "applied"), ("KB5034441", "unapplied"),
    }  # fmt: skip
    (lone,) = protocols.read(alone)
    assert _updates(lone) == {("KB5011048", "applied"), ("KB5031445", "applied")}
    assert "is not known" in lone.notes[0]
