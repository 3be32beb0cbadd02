"""Identity findings, merging, removing and business context over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.served import Sensor, Served, serving
from weakspot import access
from weakspot.api.sensor import REPORTS_A_MINUTE


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Sensor, Sensor]]:
    with serving(tmp_path_factory.mktemp("identity")) as served:
        one, other = served.enrol("one01"), served.enrol("two02")
        one.report(("nginx", "1.0"))
        other.report(("curl", "1.0"))
        served.settle()
        yield served, one, other


def names(served: Served) -> list[str]:
    served.settle()
    return sorted(one["name"] for one in served.call("GET", "/api/v1/devices").json["items"])


def test_a_merge_is_undone(two: tuple[Served, Sensor, Sensor]) -> None:
    served, one, other = two
    body = {"into": one.device_id, "reason": "same laptop"}
    assert served.call("POST", f"/api/v1/devices/{other.device_id}/merge", body).status == 204
    assert names(served) == ["one01"]
    (listed,) = served.call("GET", "/api/v1/merged-devices").json
    assert (listed["device"]["name"], listed["into"]["name"], listed["reason"]) == ("two02", "one01", "same laptop")
    assert (listed["device"]["is_there"], listed["into"]["is_there"]) == (False, True)
    assert served.client.get("/api/v1/merged-devices", **served.token(groups=[77])).json == []
    assert served.call("GET", f"/api/v1/devices/{other.device_id}").status == 404
    assert served.call("POST", f"/api/v1/devices/{other.device_id}/merge", body).status == 409
    assert served.call("POST", f"/api/v1/devices/{other.device_id}/unmerge", {}).status == 204
    assert names(served) == ["one01", "two02"]
    assert served.call("GET", "/api/v1/merged-devices").json == []
    other.report(("curl", "1.1"))
    assert served.call("POST", f"/api/v1/devices/{other.device_id}/unmerge", {}).status == 404


def test_findings_are_listed_and_decided(two: tuple[Served, Sensor, Sensor]) -> None:
    served, *_ = two
    assert served.call("GET", "/api/v1/identity-findings").json == []
    decision = served.call("POST", "/api/v1/identity-findings/1/decision", {"decision": "merge"})
    assert decision.status == 404


def test_context_is_imported_proposed_and_accepted(two: tuple[Served, Sensor, Sensor]) -> None:
    served, one, _ = two
    rows = [{"device": "one01", "label": "Secret", "items": 2}, {"device": "nobody", "label": "Secret"}]
    told = served.call("PUT", "/api/v1/business-context/sensitive-data", {"source": "dlp", "rows": rows}).json
    assert (told["taken"], told["unknown_devices"]) == (1, ["nobody"])
    served.settle()
    rules = {rule["name"]: rule for rule in served.call("GET", "/api/v1/business-context/rules").json}
    assert (rules["confidential_data"]["proposed"], rules["web_server"]["proposed"]) == (1, 1)
    asked = {"rule": "confidential_data", "decision": "accept"}
    assert served.call("POST", "/api/v1/business-context/decisions", asked).json == {"devices": 1}
    served.settle()
    shown = served.call("GET", f"/api/v1/devices/{one.device_id}").json["device"]
    assert (shown["device_value"], shown["criticality"]) == ("High", "High")
    why = served.call("GET", f"/api/v1/devices/{one.device_id}/context").json
    assert {(one["rule"], one["state"]) for one in why["reasons"]} == {
        ("confidential_data", "in force"), ("web_server", "proposed"),
    }  # fmt: skip
    users = {"users": [{"name": "Ada", "reason": "director"}]}
    assert served.call("PUT", "/api/v1/business-context/high-value-users", users).status == 204
    assert served.call("GET", "/api/v1/business-context/high-value-users").json == [
        {"name": "ada", "reason": "director"}
    ]
    marked = {"software": "debian-_-curl", "is_critical": True}
    assert served.call("POST", "/api/v1/business-context/software", marked).status == 422


def test_a_removed_device_is_gone_and_its_key_with_it(two: tuple[Served, Sensor, Sensor]) -> None:
    served, *_ = two
    third = served.enrol("three03")
    third.report(("curl", "1.0"))
    assert served.call("POST", f"/api/v1/devices/{third.device_id}/removal", {"reason": "sold"}).status == 204
    assert "three03" not in names(served)
    answered = served.client.request(
        "POST", "/api/sensor/v1/reports", headers=third.headers, json_body=third.document(("curl", "1.1"))
    )
    assert answered.status == 401


def test_a_flood_is_limited_and_audited_once(two: tuple[Served, Sensor, Sensor]) -> None:
    served, *_ = two
    flood = served.enrol("flood")
    headers = {**flood.headers, "content-type": "application/json"}
    statuses = [
        served.client.request("POST", "/api/sensor/v1/reports", headers=headers, body=b"{}").status
        for _ in range(REPORTS_A_MINUTE + 5)
    ]
    assert (set(statuses[:REPORTS_A_MINUTE]), set(statuses[REPORTS_A_MINUTE:])) == ({422}, {429})
    served.application.database.write(lambda conn: None)  # behind what was submitted
    with served.application.database.read() as conn:
        lines = [one for one in access.audit_entries(conn) if one.action == "sensor.refused"]
    mine = [one.details["reason"] for one in lines if one.target == f"device:{flood.device_id}"]
    assert sorted(mine) == ["invalid-field", "rate-limited"]
