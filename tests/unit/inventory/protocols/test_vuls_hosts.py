from __future__ import annotations

from tests.unit.inventory.protocols.support import document, item
from weakspot.inventory import protocols

HOSTS = [
    {
        "host": "one", "family": "alma", "release": "9.1",
        "kernel": {"release": "5.14.0-1.el9.x86_64", "rebootRequired": True},
        "packages": [
            {"name": "bind", "version": "32:9.16", "release": "1.el9", "source": "bind",
             "sourceVersion": "32:9.16-1.el9", "repository": "epel", "modularitylabel": "a:b:1:c"},
            {"version": "1"},
        ],
    },
    {
        "host": "two", "family": "windows", "release": "Windows Server 2022", "kernel": {"version": "10.0.20348.1"},
        "packages": [{"name": "Viewer", "version": "1", "vendor": "Acme"}],
        "windowsKB": {"applied": ["5000001"], "unapplied": ["5000002", "odd"]},
    },
]  # fmt: skip


def test_one_device_a_host() -> None:
    one, two = protocols.read(document(HOSTS))
    bind = item(one, "bind")
    assert (bind.version, bind.source_version, bind.vendor, bind.module) == (
        "32:9.16-1.el9", "32:9.16-1.el9", "repository:epel", "a:b:1:c",
    )  # fmt: skip
    assert (one.device.os.distribution, one.device.os.kernel, one.device.os.pending_restart) == (
        "almalinux", "5.14.0-1.el9.x86_64", True,
    )  # fmt: skip
    assert [record.reason for record in one.refused] == ["has no name"]
    assert {(each.type, each.name, each.version, each.module) for each in two.software} == {
        ("windows_os", "Windows Server 2022", "10.0.20348.1", ""),
        ("windows_update", "KB5000001", "", "applied"),
        ("windows_update", "KB5000002", "", "unapplied"),
        ("windows_program", "Viewer", "1", ""),
    }
    assert [record.reason for record in two.refused] == ["is no KB number"]


def test_the_scanners_own_names() -> None:
    result = {
        "ServerName": "three", "Family": "debian", "Release": "12", "RunningKernel": {"Release": "6.1.0-1-amd64"},
        "Packages": {"libthing1": {"version": "1-1"}},
        "SrcPackages": {"thing": {"version": "1-1", "binaryNames": ["libthing1"]}},
    }  # fmt: skip
    (found,) = protocols.read(document(result))
    assert (found.device.name, found.device.os.kernel, item(found, "libthing1").source_name) == (
        "three",
        "6.1.0-1-amd64",
        "thing",
    )
