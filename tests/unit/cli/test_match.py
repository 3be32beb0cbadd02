"""weakspot.cli.match."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.test_feeds import advisory
from tests.unit.cli.support import run

STATUS = """Package: libssl3
Status: install ok installed
Source: openssl
Version: {version}
Architecture: amd64

Package: base-files
Status: install ok installed
Version: 12.4+deb12u5
"""


@pytest.fixture(autouse=True)
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror folder with one advisory about openssl of Debian 12."""
    monkeypatch.setenv("WEAKSPOT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "mirror" / "own").mkdir(parents=True)
    given = advisory("CVE-2099-0001", "openssl", "3.0.15-1")
    (tmp_path / "mirror" / "own" / "one.json").write_text(json.dumps(given), "utf-8")
    return tmp_path / "mirror"


def _status(folder: Path, name: str, version: str) -> str:
    (folder / name).write_text(STATUS.format(version=version), "utf-8")
    return str(folder / name)


def test_one_device_is_one_document(tmp_path: Path, mirror: Path) -> None:
    found = run(
        "match", "--inventory", _status(tmp_path, "host.status", "3.0.1-1"), "--mirror", str(mirror), "--format", "json"
    )
    assert found.status == 0, found.err
    document = json.loads(found.out)
    assert document["device"]["name"] == "host"
    (finding,) = [item for item in document["findings"] if item["vulnerability"] == "CVE-2099-0001"]
    assert {
        "software",
        "version",
        "source_name",
        "vulnerability",
        "aliases",
        "fixed_version",
        "source",
        "method",
        "confidence",
        "status",
    } <= (finding.keys())
    assert (finding["software"], finding["source_name"], finding["fixed_version"]) == ("libssl3", "openssl", "3.0.15-1")
    assert document["missing_updates"] == []
    assert document["notes"] == ["the release was concluded from base-files 12.4+deb12u5"]


def test_several_files_are_a_line_each_and_one_that_is_none_stops_no_other(tmp_path: Path, mirror: Path) -> None:
    files = [_status(tmp_path, f"host{number}.status", f"3.0.{number}-1") for number in (1, 20)]
    (tmp_path / "none.txt").write_text("hello", "utf-8")
    found = run("match", "--inventory", *files, str(tmp_path / "none.txt"), "--mirror", str(mirror))
    assert found.status == 1
    assert "none.txt is no inventory that is known here" in found.err
    first, second = [json.loads(line) for line in found.out.splitlines()]
    names = [{item["vulnerability"] for item in one["findings"]} for one in (first, second)]
    assert "CVE-2099-0001" in names[0]
    assert "CVE-2099-0001" not in names[1]


def test_a_distribution_without_advisories_is_not_assessed(tmp_path: Path, mirror: Path) -> None:
    path = _status(tmp_path, "host.status", "3.0.1-1")
    found = run("match", "--inventory", path, "--mirror", str(mirror), "--os", "debian:99")
    document = json.loads(found.out)
    assert document["findings"] == []
    assert {item["reason"] for item in document["not_assessed"]} == {"no advisories for Debian:99 are loaded"}


def test_what_was_refused_is_told_as_not_assessed(tmp_path: Path, mirror: Path) -> None:
    items = [{"name": "dpkg", "version": "1" * 5_000}, {"name": "base-files", "version": "12.4"}]
    (tmp_path / "list.json").write_text(json.dumps(items), "utf-8")
    document = json.loads(run("match", "--inventory", str(tmp_path / "list.json"), "--mirror", str(mirror)).out)
    (refused,) = [item for item in document["not_assessed"] if item["software"] == "dpkg"]
    assert refused["reason"] == "it has a version of 5,000 characters; at most 1,024 are read"


def test_a_data_folder_is_used_as_it_is(tmp_path: Path) -> None:
    path = _status(tmp_path, "host.status", "3.0.1-1")
    found = run("match", "--inventory", path, "--data", str(tmp_path))
    assert (found.status, "holds no Weakspot database" in found.err) == (2, True)


@pytest.mark.parametrize("arguments", [(), ("--mirror", ".", "--data", ".", "--inventory", __file__)])
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run("match", *arguments).status == 2


def test_a_system_is_written_with_its_version(tmp_path: Path, mirror: Path) -> None:
    path = _status(tmp_path, "host.status", "3.0.1-1")
    found = run("match", "--inventory", path, "--mirror", str(mirror), "--os", "debian")
    assert (found.status, "ID:VERSION" in found.err) == (2, True)


def test_a_package_index_tells_the_source_that_an_inventory_does_not(tmp_path: Path, mirror: Path) -> None:
    package = {
        "type": "library",
        "name": "libssl3",
        "version": "3.0.1-1",
        "purl": "pkg:deb/debian/libssl3@3.0.1-1?distro=debian-12",
    }
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [package]}
    (tmp_path / "bare.json").write_text(json.dumps(document), "utf-8")
    asked = ("match", "--inventory", str(tmp_path / "bare.json"), "--mirror", str(mirror))
    before = json.loads(run(*asked).out)
    assert [item for item in before["findings"] if item["vulnerability"] == "CVE-2099-0001"] == []
    (unknown,) = [item for item in before["not_assessed"] if item["software"] == "libssl3"]
    assert unknown["reason"] == "its source package, which advisories name, is not known"
    (mirror / "packages-index" / "debian-12").mkdir(parents=True)
    index = "Package: libssl3\nSource: openssl\nVersion: 3.0.15-1\n"
    (mirror / "packages-index" / "debian-12" / "Packages").write_text(index, "utf-8")
    after = run(*asked)
    (finding,) = [item for item in json.loads(after.out)["findings"] if item["vulnerability"] == "CVE-2099-0001"]
    assert (finding["source_name"], finding["method"], finding["confidence"]) == ("", "indexed_source_package", 90)
    assert "unrecognised" not in after.err
