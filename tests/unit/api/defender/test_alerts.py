"""Detections as alerts of the compatible API (spec/api.md 16)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.served import Sensor, Served, serving

EVENT = {
    "id": "a-1", "title": "Exploit attempt", "severity": "critical", "device": {"name": "web01"}, "category": "Exploit",
    "vulnerability": "CVE-2023-38545", "paths": ["/usr/bin/curl"], "techniques": ["T1190"], "user": "www-data",
}  # fmt: skip


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Sensor]]:
    folder: Path = tmp_path_factory.mktemp("alerts")
    with serving(folder) as made:
        made.load_starter()
        sensor = made.enrol()
        sensor.report(("curl", "7.88.1-10"))
        made.settle()
        assert made.call("POST", "/api/v1/detections/generic", EVENT).json["correlated"] == 1
        made.settle()
        yield made, sensor


def test_alerts_in_their_envelope(fleet: tuple[Served, Sensor]) -> None:
    """spec/api.md 16.2: evidence is filled on single get; else []."""
    served, sensor = fleet
    (listed,) = served.call("GET", "/api/alerts?$filter=status eq 'New' and severity eq 'High'").json["value"]
    assert (listed["machineId"], listed["computerDnsName"]) == (sensor.device_id, "web01.example.org")
    assert (listed["mitreTechniques"], listed["evidence"], listed["incidentId"]) == (["T1190"], [], None)
    one = served.call("GET", f"/api/v1.0/alerts/{listed['id']}").json
    assert one["@odata.context"].endswith("/api/$metadata#Alerts/$entity")
    assert [(e["entityType"], e["fileName"]) for e in one["evidence"]] == [("File", "curl")]
    assert served.call("GET", "/api/alerts?$filter=status eq 'Resolved'").json["value"] == []
    assert served.call("GET", "/api/alerts/da1_99").status == 404


def test_machine_and_software_show_that_they_are_under_attack(fleet: tuple[Served, Sensor]) -> None:
    """spec/features.md 22: "activeAlert on software and recommendations; ... device risk score from alerts"."""
    served, sensor = fleet
    assert served.call("GET", f"/api/machines/{sensor.device_id}").json["riskScore"] == "High"
    (software,) = served.call("GET", "/api/Software").json["value"]
    assert software["activeAlert"] is True
    (advice,) = served.call("GET", "/api/recommendations").json["value"]
    assert advice["activeAlert"] is True


def test_alerts_stay_in_the_scope(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    narrow = served.token(groups=[77])
    assert served.client.get("/api/alerts", **narrow).json["value"] == []
