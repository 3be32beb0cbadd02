from __future__ import annotations

from tests.unit.inventory.protocols.support import read


def test_items_say_what_they_are() -> None:
    items = [
        {"name": "bash", "version": "5.2-2", "source": "deb_packages"},
        {"name": "Notes", "version": "1.0", "source": "apps", "bundle_identifier": "org.example.notes"},
        {"name": "jq", "version": "1.7", "source": "homebrew_packages"},
        "nonsense",
    ]
    found = read({"software": items}, by="plain-list")
    assert [one.type for one in found.software] == ["dpkg", "macos_app", "homebrew"]
    assert [one.reason for one in found.refused] == ["is no object"]


def test_the_packages_themselves_say_which_system_they_are_of() -> None:
    items = [{"name": name, "version": version} for name, version in (("dpkg", "1"), ("base-files", "13ubuntu10.1"))]
    found = read(items, by="plain-list")
    assert {one.type for one in found.software} == {"dpkg"}
    assert (found.device.os.distribution, found.device.os.version) == ("ubuntu", "24.04")


def test_the_name_of_the_file_may_name_the_system() -> None:
    found = read([{"name": "Git", "version": "2"}], "windows_11-software.json", by="plain-list")
    assert (found.device.os.platform, found.software[0].type) == ("Windows", "windows_program")
    assert found.notes == ("the operating system was taken from the name of the file",)


def test_otherwise_they_are_programs_of_an_unknown_system() -> None:
    found = read([{"name": "Git", "version": "2"}], by="plain-list")
    assert (found.device.os.platform, found.software[0].type) == ("unknown", "program")
