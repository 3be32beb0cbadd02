from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors, items
from weakspot_sensor.collect import collect
from weakspot_sensor.collectors import Result, dpkg

STATUS = """\
Package: zlib-like
Status: install ok installed
Priority: optional
Architecture: amd64
Multi-Arch: same
Source: zed (1:2.0-3)
Version: 1:2.0-3+b1
Maintainer: Somebody <somebody@example.org>
Description: a library
 Version: 9 is not a field here, for this line goes on

Package: held
Status: hold ok installed
Architecture: all
Version: 3

Package: source-without-version
Status: install ok triggers-pending
Architecture: all
Source: other
Version: 4

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 5

Package: never
Status: unknown ok not-installed
Architecture: amd64
"""


def _run(folder: Path, files: dict[str, str | bytes]) -> Result:
    return collectors.run(dpkg.COLLECTOR, make_root(folder, files), "linux")


def test_installed_packages_with_their_sources(tmp_path: Path) -> None:
    result = _run(tmp_path, {dpkg.STATUS: STATUS})
    assert (result.status, result.reason) == ("succeeded", "")
    assert [items.identity(item) for item in result.items] == [
        ("dpkg", "zlib-like", "1:2.0-3+b1", "amd64", "zed", "1:2.0-3"),
        ("dpkg", "held", "3", "all", "held", "3"),
        ("dpkg", "source-without-version", "4", "all", "other", "4"),
    ]
    assert result.items[0]["vendor"] == "Somebody <somebody@example.org>"
    assert result.items[0]["paths"] == [dpkg.STATUS]


def test_installed_at_is_when_the_file_list_was_written(tmp_path: Path) -> None:
    lists = {dpkg.INFO + "/zlib-like:amd64.list": "", dpkg.INFO + "/held.list": ""}
    make_root(tmp_path, lists)
    os.utime(tmp_path / dpkg.INFO.lstrip("/") / "zlib-like:amd64.list", (0, 1_700_000_000))
    found = {item["name"]: item["installed_at"] for item in _run(tmp_path, {dpkg.STATUS: STATUS}).items}
    assert found["zlib-like"] == "2023-11-14T22:13:20.000000Z"
    assert found["held"] is not None
    assert found["source-without-version"] is None


def test_distroless_images_have_one_file_a_package(tmp_path: Path) -> None:
    files = {
        dpkg.STATUS_FOLDER + "/base": "Package: base\nArchitecture: amd64\nVersion: 1\n",
        dpkg.STATUS_FOLDER + "/base.md5sums": "0 etc/x\n",
    }
    result = _run(tmp_path, dict(files))
    assert [item["name"] for item in result.items] == ["base"]
    assert result.items[0]["paths"] == [dpkg.STATUS_FOLDER + "/base"]


def test_a_broken_stanza_costs_only_itself(tmp_path: Path) -> None:
    broken = "Package: half\nStatus: install ok installed\n\nPackage: odd\nStatus: ?\nVersion: 1\n\n" + STATUS
    result = _run(tmp_path, {dpkg.STATUS: broken.encode() + b"\n\xff\xfe: \xff\n\n\n"})
    assert result.status == "partly"
    assert "lacks its name or version" in result.reason
    assert "odd" in result.reason
    assert len(result.items) == 3


def test_not_applicable_without_a_database(tmp_path: Path) -> None:
    assert _run(tmp_path, {}).status == "not_applicable"


def test_owners_of_files(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {dpkg.INFO + "/one:amd64.list": "/.\n/usr/x/package.json\n", dpkg.INFO + "/two.list": "/y\n"},
    )
    assert dpkg.owners(root, frozenset(("/usr/x/package.json", "/usr/z/package.json"))) == {
        "/usr/x/package.json": "one"
    }


def test_the_real_database_equals_what_dpkg_says() -> None:
    if not Path(dpkg.STATUS).is_file():
        pytest.skip("this machine has no dpkg database")
    layout = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${db:Status-Status}\n"
    output = subprocess.run(["dpkg-query", "-W", "-f", layout], check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in output.splitlines()]
    expected = {tuple(line[:5]) for line in lines if line[5] not in ("config-files", "not-installed")}
    found = {items.identity(item)[1:] for item in collect("/")["software"] if item["type"] == "dpkg"}
    assert found == expected
