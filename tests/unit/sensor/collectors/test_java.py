from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import limits
from weakspot_sensor.collectors import base, java


def _archive(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _library(group: str, artifact: str, version: str) -> bytes:
    pom = f"#made\ngroupId={group}\nartifactId={artifact}\nversion={version}\n"
    return _archive({f"META-INF/maven/{group}/{artifact}/pom.properties": pom})


def _read(folder: Path, files: dict[str, str | bytes]) -> base.Result:
    return base.run(java.COLLECTOR, make_root(folder, files), "linux")


def test_nested_archives_are_components_with_their_place(tmp_path: Path) -> None:
    inner = _library("org.example", "core", "1.2")
    war = _archive({"WEB-INF/lib/core-1.2.jar": inner, "WEB-INF/lib/bad.jar": b"no archive"})
    result = _read(tmp_path, {"/opt/shop/shop.ear": _archive({"shop.war": war}), "/opt/shop/core.jar": inner})
    found = sorted((item["name"], item["version"], item["paths"][0]) for item in result.items)
    assert found == [
        ("org.example:core", "1.2", "/opt/shop/core.jar"),
        ("org.example:core", "1.2", "/opt/shop/shop.ear!/shop.war!/WEB-INF/lib/core-1.2.jar"),
    ]
    assert result.status == "succeeded"


def test_without_a_pom_the_file_name_and_the_manifest_speak(tmp_path: Path) -> None:
    manifest = "Manifest-Version: 1.0\r\nImplementation-Vendor-Id: org.exam\r\n ple\r\nImplementation-Version: 9\r\n"
    jar = _archive({"META-INF/MANIFEST.MF": manifest})
    result = _read(
        tmp_path, {"/srv/a/tool-kit-2.0-rc1.jar": jar, "/srv/a/plain.jar": jar, "/srv/a/x.jar": _archive({})}
    )
    found = sorted((item["name"], item["version"]) for item in result.items)
    assert found == [("org.example:plain", "9"), ("org.example:tool-kit", "2.0-rc1")]


def test_bombs_and_depth_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NESTED_BYTES", 1000)
    bomb = _archive({"big.jar": b"\0" * 5000})
    assert _read(tmp_path, {"/opt/a/bomb-1.jar": bomb}).items[0]["name"] == "bomb"
    nested = _library("g", "deep", "1")
    for _ in range(limits.NESTED_DEPTH + 1):
        nested = _archive({"n.jar": nested})
    names = [item["name"] for item in _read(tmp_path / "b", {"/opt/a/top.jar": nested}).items]
    assert names == [], "one level below the bound is not opened"


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    result = _read(tmp_path, {"/opt/a/b.jar": "text", "/opt/a/c.jar": _library("g", "c", "1")})
    assert (result.status, len(result.items)) == ("partly", 1)
    assert "/opt/a/b.jar" in result.reason
