"""Connections that are asked for alerts, and statements about mitigations, over the API."""

from __future__ import annotations

from typing import Any

from tests.support.served import Sensor, Served

SECRET = "very-secret-indeed"
CLOSED = "http://127.0.0.1:9"
PULL: dict[str, Any] = {
    "name": "tenant",
    "kind": "graph",
    "settings": {"tenant": "t", "client_id": "c", "client_secret": SECRET, "url": CLOSED},
}


def test_a_connection_is_made_shown_without_its_secret_and_forgotten(own: Served) -> None:
    made = own.call("POST", "/api/v1/detection-pulls", PULL)
    assert made.status == 200, made.body
    assert SECRET.encode() not in made.body
    assert (made.json["is_enabled"], made.json["age_seconds"], made.json["is_stale"]) == (True, None, False)
    assert own.call("POST", "/api/v1/detection-pulls", PULL).status == 409
    own.clock.forward(1000)
    shown = own.call("GET", "/api/v1/detection-pulls")
    assert SECRET.encode() not in shown.body
    assert shown.json["connections"][0]["is_stale"]
    assert {one["kind"] for one in shown.json["kinds"]} == {"graph", "defender"}
    path = f"/api/v1/detection-pulls/{made.json['id']}"
    assert own.call("POST", f"{path}/switch", {"is_enabled": False}).json["is_enabled"] is False
    assert own.call("POST", f"{path}/removal", {}).status == 204
    assert own.call("POST", f"{path}/removal", {}).status == 404
    assert own.call("GET", "/api/v1/detection-pulls").json["connections"] == []


def test_a_connection_is_tried_and_says_why_it_does_not_work(own: Served) -> None:
    made = own.call("POST", "/api/v1/detection-pulls", {**PULL, "settings": {**PULL["settings"], "login_url": CLOSED}})
    path = f"/api/v1/detection-pulls/{made.json['id']}/trial"
    told = own.call("POST", path, {})
    assert told.status == 200, told.body
    assert (told.json["is_good"], told.json["alerts"]) == (False, 0)
    assert "did not answer" in told.json["failure"]
    assert SECRET.encode() not in told.body
    assert own.call("POST", "/api/v1/detection-pulls/77/trial", {}).status == 404
    assert own.client.request("POST", path, headers=own.token(role="reader"), json_body={}).status == 403


def test_a_connection_needs_an_address_with_https(own: Served) -> None:
    plain = {**PULL, "settings": {**PULL["settings"], "url": "http://graph.example.org"}}
    answered = own.call("POST", "/api/v1/detection-pulls", plain)
    assert answered.status == 422
    assert "https" in answered.json["detail"]


def test_statements_need_a_known_mitigation_and_the_permission(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    path = "/api/v1/recommendations/va-_-debian-_-curl/mitigations"
    said = {"mitigation_id": "0" * 16, "evidence": "change 4711"}
    assert served.call("POST", path, said).status == 404
    assert served.call("POST", f"{path}/withdrawal", {"statement_id": 1}).status == 404
    assert served.call("POST", path, {**said, "evidence": ""}).status == 422
    assert served.client.request("POST", path, headers=served.token(role="reader"), json_body=said).status == 403
    detail = served.call("GET", "/api/v1/recommendations/va-_-debian-_-curl").json
    assert (detail["mitigated_devices"], detail["mitigated_risk_share"]) == (0, 0.0)
