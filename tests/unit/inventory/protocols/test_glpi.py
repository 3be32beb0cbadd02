from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read


def test_linux_in_json() -> None:
    content = {
        "hardware": {"name": "desk"},
        "operatingsystem": {"full_name": "Fedora release 40 (Forty)", "name": "Fedora", "version": "40",
                            "kernel_name": "linux", "kernel_version": "6.8.5-301.fc40.x86_64"},
        "softwares": [{"name": "bash", "version": "5.2.26-3.fc40", "from": "rpm", "arch": "x86_64",
                       "publisher": "Fedora Project"}, 7],
    }  # fmt: skip
    found = read({"deviceid": "d", "content": content}, by="glpi")
    assert (found.device.name, found.device.os.distribution, found.device.os.version) == ("desk", "fedora", "40")
    assert (item(found, "bash").type, item(found, "bash").vendor) == ("rpm", "Fedora Project")
    assert [one.reason for one in found.refused] == ["is no object"]


def test_windows_in_xml() -> None:
    xml = """<?xml version="1.0"?><REQUEST><CONTENT><HARDWARE><NAME>pc</NAME></HARDWARE>
    <OPERATINGSYSTEM><FULL_NAME>Microsoft Windows 10 Pro</FULL_NAME><KERNEL_VERSION>10.0.19045.3570</KERNEL_VERSION>
    <KERNEL_NAME>MSWin32</KERNEL_NAME><ARCH>64-bit</ARCH></OPERATINGSYSTEM>
    <SOFTWARES><NAME>Viewer</NAME><VERSION>1</VERSION><FROM>registry</FROM></SOFTWARES>
    <SOFTWARES><NAME>KB5031356</NAME><FROM>WMI</FROM></SOFTWARES></CONTENT></REQUEST>"""
    found = read(xml, "pc.xml", by="glpi")
    assert {(one.type, one.name, one.version) for one in found.software} == {
        ("windows_os", "Windows 10 Pro", "10.0.19045.3570"), ("windows_program", "Viewer", "1"),
        ("windows_update", "KB5031356", ""),
    }  # fmt: skip
    assert item(found, "Windows 10 Pro").architecture == "x64"


def test_a_partial_inventory_says_so() -> None:
    found = read({"deviceid": "d", "content": {"batteries": []}}, by="glpi")
    assert found.notes == ("the inventory is partial: it has no software",)
