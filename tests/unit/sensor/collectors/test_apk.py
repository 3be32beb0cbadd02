from __future__ import annotations

from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors, items
from weakspot_sensor.collectors import apk

INSTALLED = """\
C:Q1abc=
P:tool-libs
V:1.2.3-r4
A:x86_64
t:1700000000
o:tool
m:Somebody <s@example.org>
F:usr/lib
R:libtool.so
F:usr/lib/python3.11/site-packages/thing-1.dist-info
R:METADATA

P:alone
V:5-r0
A:noarch

P:broken
"""


def test_installed_packages(tmp_path: Path) -> None:
    result = collectors.run(apk.COLLECTOR, make_root(tmp_path, {apk.DATABASES[0]: INSTALLED}), "linux")
    assert [items.identity(item) for item in result.items] == [
        ("apk", "tool-libs", "1.2.3-r4", "x86_64", "tool", "1.2.3-r4"),
        ("apk", "alone", "5-r0", "noarch", "alone", "5-r0"),
    ]
    assert (result.status, result.items[0]["vendor"]) == ("partly", "Somebody <s@example.org>")


def test_the_newer_place_is_read_too_and_crlf_does_no_harm(tmp_path: Path) -> None:
    root = make_root(tmp_path, {apk.DATABASES[1]: INSTALLED.replace("\n", "\r\n")})
    assert collectors.run(apk.COLLECTOR, root, "linux").items[0]["version"] == "1.2.3-r4"


def test_owners_of_files_and_folders(tmp_path: Path) -> None:
    root = make_root(tmp_path, {apk.DATABASES[0]: INSTALLED})
    folder = "/usr/lib/python3.11/site-packages/thing-1.dist-info"
    wanted = frozenset((folder, folder + "/METADATA", "/usr/lib/other"))
    assert apk.owners(root, wanted) == {folder: "tool-libs", folder + "/METADATA": "tool-libs"}
