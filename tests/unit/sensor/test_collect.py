from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sensor.support import item, make_root
from weakspot_sensor import collect, items, limits
from weakspot_sensor.collectors import Result


def test_one_failing_collector_never_stops_the_rest(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/var/lib/dpkg/status": "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
        "/var/lib/rpm/rpmdb.sqlite": "damaged",
        "/etc/hostname": "web01.example.org\n",
    }
    found = collect.collect(make_root(tmp_path, files).path)
    status = {entry["name"]: entry["status"] for entry in found["collectors"]}
    assert (status["dpkg"], status["rpm"], status["apk"]) == ("succeeded", "failed", "not_applicable")
    assert [entry["name"] for entry in found["software"]] == ["a"]
    assert (found["device"]["name"], found["device"]["domain"]) == ("web01", "example.org")
    assert found["digest"] == items.digest(items.merge(found["software"]))


def test_an_empty_system_is_still_a_device(tmp_path: Path) -> None:
    found = collect.collect(str(tmp_path))
    assert found["software"] == []
    assert found["device"]["name"] == "localhost"
    assert found["device"]["os"]["platform"] == "Linux"
    assert set(found["device"]) == {"name", "domain", "os", "hardware", "hardware_ids", "interfaces", "tags"}


def test_more_items_than_a_report_carries_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ITEMS", 3)
    results = [
        Result("dpkg", "succeeded", "", [item("a"), item("b")], {}),
        Result("pypi", "succeeded", "", [item("c"), item("d")], {}),
    ]
    found = collect.assemble(results)
    assert [entry["name"] for entry in found["software"]] == ["a", "b", "c"]
    assert found["collectors"][1] == {
        "name": "pypi",
        "status": "partly",
        "reason": "a report carries at most 3 items",
        "count": 1,
    }


def test_results_do_not_change_what_is_empty() -> None:
    one = collect.assemble([Result("os", "succeeded", "", [], {"os": {"platform": "X"}})])
    assert one["device"]["os"] == {"platform": "X"}
    assert collect.assemble([])["device"]["os"]["platform"] == "Linux"
