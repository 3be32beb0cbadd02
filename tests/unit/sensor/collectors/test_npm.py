from __future__ import annotations

import json
from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors, limits
from weakspot_sensor.collectors import dpkg, npm


def _manifest(name: str, version: str) -> str:
    return json.dumps({"name": name, "version": version, "author": {"name": "Ann"}})


def test_packages_scopes_and_nested_ones(tmp_path: Path) -> None:
    base = "/usr/lib/node_modules"
    files: dict[str, str | bytes] = {
        base + "/npm/package.json": _manifest("npm", "9.1.0"),
        base + "/npm/node_modules/@scope/inner/package.json": _manifest("@scope/inner", "1.0.0"),
        base + "/@scope/outer/package.json": _manifest("@scope/outer", "2.0.0"),
        base + "/.package-lock.json": "{}",
        base + "/workspace/package.json": "{}",
        "/usr/share/nodejs/semver/package.json": b"\xef\xbb\xbf" + _manifest("semver", "7.3.5").encode(),
        dpkg.STATUS: "",
        dpkg.INFO + "/node-semver.list": "/usr/share/nodejs/semver/package.json\n",
    }
    result = collectors.run(npm.COLLECTOR, make_root(tmp_path, files), "linux")
    assert result.status == "succeeded"
    assert {(item["name"], item["version"], item["owned_by"]) for item in result.items} == {
        ("npm", "9.1.0", ""),
        ("@scope/inner", "1.0.0", ""),
        ("@scope/outer", "2.0.0", ""),
        ("semver", "7.3.5", "dpkg:node-semver"),
    }
    assert {item["vendor"] for item in result.items} == {"Ann"}


def test_hostile_manifests_cost_only_themselves(tmp_path: Path) -> None:
    base = "/usr/lib/node_modules/"
    files: dict[str, str | bytes] = {
        base + "deep/package.json": "[" * 200_000,
        base + "large/package.json": b" " * (limits.MANIFEST_BYTES + 1),
        base + "list/package.json": "[]",
        base + "numbers/package.json": '{"name": 1, "version": {}}',
        base + "odd/package.json": '{"name": "odd\\ud800\\u0000\\u001f", "version": "1"}',
    }
    result = collectors.run(npm.COLLECTOR, make_root(tmp_path, files), "linux")
    assert result.status == "partly"
    assert [item["name"].encode() for item in result.items] == ["odd\ufffd\ufffd\ufffd".encode()]


def test_nesting_is_bounded(tmp_path: Path) -> None:
    path = "/usr/lib"
    files: dict[str, str | bytes] = {}
    for depth in range(limits.NODE_MODULES_DEPTH + 4):
        path += "/node_modules/p"
        files[path + "/package.json"] = _manifest("p", str(depth))
    result = collectors.run(npm.COLLECTOR, make_root(tmp_path, files), "linux")
    assert len(result.items) == limits.NODE_MODULES_DEPTH


def test_scopes_are_watched(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/lib/node_modules/@scope/outer/package.json": _manifest("o", "1")})
    assert npm.COLLECTOR.watched(root) == ("/usr/lib/node_modules", "/usr/lib/node_modules/@scope")
