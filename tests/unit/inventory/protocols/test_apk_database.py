from __future__ import annotations

from tests.unit.inventory.protocols.support import item, read

DATABASE = (
    "C:Q1aaaa=\nP:libthing\nV:1.2-r3\nA:x86_64\no:thing\nm:Some One <one@example.org>\nF:usr/lib\nR:libthing.so\n\n"
)


def test_packages_with_their_origin() -> None:
    text = DATABASE + "C:Q1bbbb=\nP:alpine-release\nV:3.19.1-r0\n\nC:Q1cccc=\nP:broken\n"
    found = read(text, "installed", by="apk-database")
    thing = item(found, "libthing")
    assert (thing.version, thing.source_name, thing.source_version) == ("1.2-r3", "thing", "1.2-r3")
    assert (found.device.os.distribution, found.device.os.version) == ("alpine", "3.19.1")
    assert [(one.name, one.reason) for one in found.refused] == [("broken", "has no version")]


def test_without_its_release_package_the_release_is_not_known() -> None:
    assert read(DATABASE, by="apk-database").device.os.version == ""
