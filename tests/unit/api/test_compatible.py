"""The compatible API as its clients see it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.support.served import Sensor, Served


def test_machines_in_their_envelope(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    answered = served.call("GET", "/api/machines")
    document = answered.json
    assert document["@odata.context"] == "http://localhost:8484/api/$metadata#Machines"
    assert "@odata.nextLink" not in document
    machine = document["value"][0]
    assert (machine["id"], machine["computerDnsName"]) == (sensor.device_id, "web01.example.org")
    assert (machine["rbacGroupId"], machine["rbacGroupName"]) == (0, "UnassignedGroup")
    assert machine["ipAddresses"] == [
        {"ipAddress": "192.0.2.7", "macAddress": "020000000001", "type": None, "operationalStatus": "Up"}
    ]
    needed = {"osPlatform", "osVersion", "osProcessor", "version", "agentVersion", "osBuild", "healthStatus",
              "deviceValue",
              "riskScore", "exposureLevel", "isAadJoined", "aadDeviceId", "defenderAvStatus", "onboardingStatus",
              "osArchitecture", "managedBy", "lastIpAddress",
              "lastExternalIpAddress"}  # fmt: skip
    assert needed <= machine.keys()
    assert answered.body.isascii()


@pytest.mark.parametrize(
    "path", ["/api/Machines/{id}", "/api/v1.0/machines/{id}", "/api/machines/WEB01", "/API/MACHINES/web01.example.org"]
)
def test_one_machine_is_not_wrapped(fleet: tuple[Served, Sensor], path: str) -> None:
    served, sensor = fleet
    document = served.call("GET", path.format(id=sensor.device_id)).json
    assert document["@odata.context"].endswith("/api/$metadata#Machines/$entity")
    assert document["id"] == sensor.device_id


def test_sub_resources_agree_with_each_other(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    on_machine = {
        one["id"] for one in served.call("GET", f"/api/machines/{sensor.device_id}/vulnerabilities").json["value"]
    }
    everywhere = {one["id"] for one in served.call("GET", "/api/vulnerabilities").json["value"]}
    by_software: set[str] = set()
    for software in served.call("GET", f"/api/machines/{sensor.device_id}/software").json["value"]:
        found = served.call("GET", f"/api/Software/{quote(software['id'])}/vulnerabilities").json["value"]
        assert len(found) == software["weaknesses"]
        assert software["exposedMachines"] == (1 if found else 0)
        by_software |= {one["id"] for one in found}
        references = served.call("GET", f"/api/software/{quote(software['id'])}/MachineReferences").json["value"]
        assert [one["id"] for one in references] == [sensor.device_id]
        distribution = served.call("GET", f"/api/Software/{quote(software['id'])}/distributions").json["value"]
        assert [(one["installations"], one["vulnerabilities"]) for one in distribution] == [(1, len(found))]
    assert on_machine == everywhere == by_software
    assert len(everywhere) > 5


def test_one_vulnerability_and_its_machines(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    found = served.call("GET", "/api/vulnerabilities/cve-2023-38545").json
    assert (found["id"], found["severity"], found["cvssV3"], found["exposedMachines"]) == (
        "CVE-2023-38545", "Critical", 9.8, 1,
    )  # fmt: skip
    references = served.call("GET", "/api/vulnerabilities/CVE-2023-38545/machineReferences").json["value"]
    assert references == [
        {
            "id": sensor.device_id,
            "computerDnsName": "web01.example.org",
            "osPlatform": "Linux",
            "rbacGroupName": "UnassignedGroup",
            "rbacGroupId": 0,
        }
    ]


def test_filters_count_and_select(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    query = quote("severity eq 'critical' and cvssV3 ge 9 and publishedOn gt 2020-01-01Z")
    document = served.call("GET", f"/api/vulnerabilities?$filter={query}&$count=true&$select=id,severity&$top=1").json
    assert document["@odata.count"] >= 1
    assert document["value"] == [{"id": document["value"][0]["id"], "severity": "Critical"}]
    described = quote("contains(description,'socks5')")
    found = served.call("GET", f"/api/vulnerabilities?$filter={described}").json["value"]
    assert [one["id"] for one in found] == ["CVE-2023-38545"]


def test_recommendations_agree_with_what_they_are_about(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    document = served.call("GET", "/api/Recommendations").json
    assert document["@odata.context"].endswith("/api/$metadata#Recommendations")
    found = {one["id"]: one for one in document["value"]}
    assert "va-_-debian-_-curl" in found
    for ident, one in found.items():
        path = f"/api/recommendations/{quote(ident)}"
        vulnerabilities = served.call("GET", f"{path}/vulnerabilities").json["value"]
        assert len(vulnerabilities) == one["weaknesses"]
        machines = served.call("GET", f"{path}/MachineReferences").json["value"]
        assert [each["id"] for each in machines] == [sensor.device_id]
        assert one["exposedMachinesCount"] == one["totalMachineCount"] == 1
        assert served.call("GET", f"{path}/software").json["id"].startswith("debian-_-")
        alone = served.call("GET", path).json
        alone.pop("@odata.context")
        assert alone == one
    query = quote("remediationType eq 'Update' and vendor eq 'debian' and status eq 'Active'")
    updates = served.call("GET", f"/api/recommendations?$filter={query}&$count=true").json
    assert updates["@odata.count"] == len(found)


def test_scores(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    score = served.call("GET", "/api/exposureScore").json
    assert 0 < score["score"] <= 100
    by_group = served.call("GET", "/api/exposurescore/bymachinegroups").json["value"]
    assert [(one["rbacGroupName"], one["score"]) for one in by_group] == [("UnassignedGroup", score["score"])]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/machines/nobody", 404, "ResourceNotFound"),
        ("/api/vulnerabilities/CVE-1900-1", 404, "ResourceNotFound"),
        ("/api/Software/none-_-none", 404, "ResourceNotFound"),
        ("/api/vulnerabilities?$top=8001", 400, "ODataError"),
        ("/api/machines?$top=10001", 400, "ODataError"),
        ("/api/machines?$filter=owner%20eq%20'x'", 400, "ODataError"),
        ("/api/machines?$expand=evidence", 400, "ODataError"),
        ("/api/recommendations/va-_-none-_-none", 404, "ResourceNotFound"),
        ("/api/recommendations?$filter=exposureImpact%20gt%201", 400, "ODataError"),
        ("/api/machines/a/b/c/d", 404, "NotFound"),
    ],
)
def test_errors_in_their_shape(fleet: tuple[Served, Sensor], path: str, status: int, code: str) -> None:
    served, _ = fleet
    answered = served.call("GET", path)
    assert (answered.status, answered.json["error"]["code"]) == (status, code)
    assert answered.json["error"]["target"] == answered.headers["x-request-id"]


def test_strangers(served: Served) -> None:
    answered = served.client.get("/api/machines")
    assert (answered.status, answered.json["error"]["code"]) == (401, "Unauthorized")


def test_empty_collections_are_not_missing(served: Served) -> None:
    for path in ("machines", "Software", "vulnerabilities", "exposureScore/ByMachineGroups"):
        assert served.call("GET", f"/api/{path}").json["value"] == []
    assert served.call("GET", "/api/exposureScore").json["score"] == 0.0


def test_the_rate_limit_says_when_to_come_back(own: Served) -> None:
    token, other = own.token(), own.token()
    assert {own.client.get("/api/exposureScore", **token).status for _ in range(100)} == {200}
    refused = own.client.get("/api/machines", **token)
    assert (refused.status, refused.json["error"]["code"]) == (429, "TooManyRequests")
    assert refused.headers["retry-after"] == "60"
    assert own.client.get("/api/machines", **other).status == 200
    own.clock.forward(60)
    assert own.client.get("/api/machines", **token).status == 200
