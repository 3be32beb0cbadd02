from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read

STATUS = """Package: base-files
Status: install ok installed
Version: 12.4+deb12u5
Architecture: amd64
Maintainer: Somebody <somebody@example.org>

Package: libthing1
Status: install ok installed
Source: thing (1:2.0-3)
Version: 2.0-3+b1
Architecture: amd64
Description: a thing
 Package: not-a-package

Package: gone
Status: deinstall ok config-files
Version: 1

Package: odd
Status: install
Version: 1

Package: bare
Status: install ok installed
"""


def test_packages_with_their_sources() -> None:
    found = read(STATUS, "host.status", by="dpkg-status")
    assert [one.name for one in found.software] == ["base-files", "libthing1"]
    thing = item(found, "libthing1")
    assert (thing.type, thing.version, thing.source_name, thing.source_version) == (
        "dpkg",
        "2.0-3+b1",
        "thing",
        "1:2.0-3",
    )
    assert item(found, "base-files").source_name == "base-files"


def test_each_stanza_that_is_no_package_is_refused_with_a_reason() -> None:
    refused = {one.name: one.reason for one in read(STATUS, "host.status", by="dpkg-status").refused}
    assert refused == {
        "gone": "is not installed (status config-files)",
        "odd": "has a status that cannot be read ('install')",
        "bare": "has no version",
    }


def test_the_release_is_concluded_from_base_files() -> None:
    found = read(STATUS, "host.status", by="dpkg-status")
    assert (found.device.name, found.device.os.distribution, found.device.os.version) == ("host", "debian", "12")
    assert found.notes == ("the release was concluded from base-files 12.4+deb12u5",)


def test_ubuntu_by_its_base_files_and_without_them_by_its_updates() -> None:
    ubuntu = STATUS.replace("12.4+deb12u5", "12ubuntu4.6")
    assert read(ubuntu, by="dpkg-status").device.os.version == "22.04"
    marked = "Package: a\nVersion: 1-1ubuntu0.18.04.2\n\nPackage: b\nVersion: 2-1ubuntu1~18.04\n"
    system = read(marked, by="dpkg-status").device.os
    assert (system.distribution, system.version) == ("ubuntu", "18.04")
