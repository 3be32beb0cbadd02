from __future__ import annotations

from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import apk, dpkg, ownership


def test_no_path_asks_nobody(tmp_path: Path) -> None:
    assert ownership.find(make_root(tmp_path, {}), ()) == {}


def test_each_database_that_is_there_is_asked(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        dpkg.STATUS: "",
        dpkg.INFO + "/one.list": "/a/package.json\n",
        apk.DATABASES[0]: "P:two\nV:2.0-r1\nF:b\nR:package.json\n",
    }
    found = ownership.find(make_root(tmp_path, files), ("/a/package.json", "/b/package.json", "/c/package.json"))
    assert found == {"/a/package.json": "dpkg:one", "/b/package.json": "apk:two=2.0-r1"}
