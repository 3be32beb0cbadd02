from __future__ import annotations

import os
from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors
from weakspot_sensor.collectors import dpkg, pypi

SYSTEM = "/usr/lib/python3/dist-packages"
VENV = "/home/ann/project/.venv/lib/python3.12/site-packages"
METADATA = (
    "Metadata-Version: 2.1\r\nName: Thing\r\nVersion: 1.5\r\nAuthor: UNKNOWN\r\nMaintainer: Ann\r\n\r\nVersion: 9\r\n"
)


def _files() -> dict[str, str | bytes]:
    return {
        SYSTEM + "/Thing-1.5.dist-info/METADATA": METADATA,
        SYSTEM + "/old-2.egg-info": "Name: old\nVersion: 2\n",
        SYSTEM + "/eggs-3.egg-info/PKG-INFO": "Name: eggs\nVersion: 3\n",
        VENV + "/other-4.dist-info/METADATA": "Name: other\nVersion: 4\n",
        dpkg.STATUS: "",
        dpkg.INFO + "/python3-thing.list": SYSTEM + "/Thing-1.5.dist-info\n",
        dpkg.INFO + "/python3-old.list": SYSTEM + "/old-2.egg-info\n",
        dpkg.INFO + "/python3-eggs.list": SYSTEM + "/eggs-3.egg-info/PKG-INFO\n",
    }


def test_distributions_and_who_owns_them(tmp_path: Path) -> None:
    result = collectors.run(pypi.COLLECTOR, make_root(tmp_path, _files()), "linux")
    assert (result.status, result.reason) == ("succeeded", "")
    assert {(item["name"], item["version"], item["owned_by"]) for item in result.items} == {
        ("Thing", "1.5", "dpkg:python3-thing"),
        ("old", "2", "dpkg:python3-old"),
        ("eggs", "3", "dpkg:python3-eggs"),
        ("other", "4", ""),
    }
    thing = next(item for item in result.items if item["name"] == "Thing")
    assert thing["paths"] == [SYSTEM + "/Thing-1.5.dist-info/METADATA"]
    assert thing["vendor"] == "Ann"


def test_what_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    files = _files()
    files[SYSTEM + "/nameless-1.dist-info/METADATA"] = "Version: 1\n"
    root = make_root(tmp_path, files)
    place = tmp_path / SYSTEM.lstrip("/")
    (place / "empty-1.dist-info").mkdir()
    os.mkfifo(place / "trap-1.egg-info")
    result = collectors.run(pypi.COLLECTOR, root, "linux")
    assert result.status == "partly"
    assert "nameless" in result.reason
    assert len(result.items) == 4


def test_folders_reached_twice_are_read_once(tmp_path: Path) -> None:
    root = make_root(tmp_path, _files())
    (tmp_path / "usr/lib64").symlink_to("/usr/lib")
    assert len(collectors.run(pypi.COLLECTOR, root, "linux").items) == 4
    assert set(pypi.folders(root)) == {SYSTEM, VENV}


def test_merged_usr_owners_are_found_under_both_names(tmp_path: Path) -> None:
    files = _files()
    files[dpkg.INFO + "/python3-thing.list"] = "/lib/python3/dist-packages/Thing-1.5.dist-info\n"
    result = collectors.run(pypi.COLLECTOR, make_root(tmp_path, files), "linux")
    assert {item["name"]: item["owned_by"] for item in result.items}["Thing"] == "dpkg:python3-thing"
