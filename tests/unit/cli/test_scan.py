"""weakspot.cli.scan, by the starter knowledge and by a mirror folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.test_feeds import advisory
from tests.unit.cli.support import fake_root, run


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAKSPOT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror folder with one advisory of our own."""
    (tmp_path / "mirror" / "own").mkdir(parents=True)
    given = advisory("TEST-2099-0001", "openssl", "3.0.15-1") | {
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    }
    (tmp_path / "mirror" / "own" / "one.json").write_text(json.dumps(given), "utf-8")
    return tmp_path / "mirror"


def test_without_any_data_the_starter_knowledge_speaks_and_is_named(tmp_path: Path) -> None:
    found = run("scan", "--root", str(fake_root(tmp_path / "root")), "--format", "json")
    assert found.status == 0
    assert "starter knowledge of 20" in found.err
    document = json.loads(found.out)
    assert document["device"]["os_distribution"] == "debian"
    assert {item["software"] for item in document["findings"]} == {"libssl3"}
    assert not (tmp_path / "data").exists(), "a scan leaves nothing behind"


def test_a_mirror_is_read_once(tmp_path: Path, mirror: Path) -> None:
    root = str(fake_root(tmp_path / "root"))
    first = run("scan", "--root", root, "--mirror", str(mirror), "--format", "json")
    again = run("scan", "--root", root, "--mirror", str(mirror), "--format", "json")
    assert first.out == again.out
    findings = {item["vulnerability"]: item for item in json.loads(first.out)["findings"]}
    own = findings["TEST-2099-0001"]
    assert (own["software"], own["version"], own["source_name"]) == ("libssl3", "3.0.1-1", "openssl")
    assert (own["fixed_version"], own["source"], own["status"]) == ("3.0.15-1", "own", "affected")
    assert own["confidence"] == 100


@pytest.mark.parametrize(("severity", "status"), [("low", 1), ("critical", 1)])
def test_fail_on_tells_by_the_exit_status(tmp_path: Path, mirror: Path, severity: str, status: int) -> None:
    root = str(fake_root(tmp_path / "root"))
    assert run("scan", "--root", root, "--mirror", str(mirror), "--fail-on", severity).status == status


@pytest.mark.parametrize("form", ["table", "sarif", "cyclonedx"])
def test_every_format_names_the_weakness(tmp_path: Path, mirror: Path, form: str) -> None:
    found = run("scan", "--root", str(fake_root(tmp_path / "root")), "--mirror", str(mirror), "--format", form)
    assert found.status == 0
    assert "TEST-2099-0001" in found.out
    assert "3.0.15-1" in found.out
    if form == "sarif":
        (log,) = json.loads(found.out)["runs"]
        rules = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
        assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in log["results"])
    if form == "cyclonedx":
        document = json.loads(found.out)
        refs = {component["bom-ref"] for component in document["components"]}
        assert all(a["ref"] in refs for v in document["vulnerabilities"] for a in v["affects"])


def test_a_scan_of_nothing_finds_nothing(tmp_path: Path, mirror: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = run(
        "scan", "--root", str(tmp_path / "empty"), "--mirror", str(mirror), "--format", "json", "--fail-on", "low"
    )
    assert (found.status, json.loads(found.out)["findings"]) == (0, [])
