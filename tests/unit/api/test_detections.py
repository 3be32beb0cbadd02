"""Detections over the API: taken with a token of its own permission, shown within scopes, decided by people."""

from __future__ import annotations

from typing import Any

from tests.support.served import Sensor, Served
from weakspot.access import Permission

EVENT: dict[str, Any] = {
    "id": "e-1",
    "title": "Exploit attempt",
    "severity": "critical",
    "device": {"name": "web01"},
    "vulnerability": "CVE-2023-38545",
    "paths": ["/usr/bin/curl"],
}


def send(served: Served, headers: dict[str, str], body: Any, name: str = "generic") -> Any:
    return served.client.request("POST", f"/api/v1/detections/{name}", headers=headers, json_body=body)


def test_a_token_that_may_only_send_detections_is_enough(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    token = served.token(role="administrator", permissions=[Permission.ALERT_WRITE])
    answered = send(served, token, EVENT)
    assert answered.status == 200, answered.body
    assert (answered.json["taken"], answered.json["correlated"], answered.json["unresolved"]) == (1, 1, 0)
    assert send(served, token, EVENT).json["unchanged"] == 1
    assert served.client.get("/api/v1/detections", **token).status == 403


def test_a_reader_may_not_send(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    reading = served.token(permissions=[Permission.TVM_VIEW_DATA])
    assert send(served, reading, EVENT).status == 403
    assert served.client.get("/api/v1/detections", **reading).status == 200


def test_it_is_shown_decided_and_counts_no_more(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    public_id = send(served, served.admin, {**EVENT, "id": "e-2"}).json["ids"][0]
    shown = served.call("GET", f"/api/v1/detections/{public_id}").json
    assert shown["detection"]["weaknesses"] == ["CVE-2023-38545"]
    assert shown["reasons"][0]["is_raised"]
    decision = {"status": "resolved", "classification": "false_positive", "comment": "a test"}
    decided = served.call("POST", f"/api/v1/detections/{public_id}/decision", decision)
    assert decided.status == 200, decided.body
    assert (decided.json["detection"]["is_active"], decided.json["comment"]) == (False, "a test")
    active = served.call("GET", "/api/v1/detections?state=active").json["items"]
    assert public_id not in [one["id"] for one in active]


def test_lines_of_json_are_taken_too(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    lines = b'{"rule":"R","priority":"Error","time":"2026-01-01T00:00:00Z","hostname":"web01","output":"a"}\n' * 2
    headers = {**served.admin, "content-type": "application/x-ndjson"}
    answered = served.client.request("POST", "/api/v1/detections/falco", headers=headers, body=lines)
    assert answered.status == 200, answered.body
    assert (answered.json["taken"], answered.json["unchanged"]) == (1, 1)


def test_an_event_that_cannot_be_used_does_not_stop_the_others(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    answered = send(served, served.admin, {"events": [{"title": "no id"}, {**EVENT, "id": "e-3"}, 7]}).json
    assert answered["taken"] == 1
    assert [one["index"] for one in answered["refused"]] == [0, 2]


def test_a_mapping_is_an_intake(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    mapping = {
        "name": "nids", "product": "Own sensor", "items": "batch.alerts", "source_id": ["uid"], "title": ["sig.msg"],
        "severity": ["sig.prio"], "severities": {"1": "High"}, "device_names": ["dst.host"],
    }  # fmt: skip
    assert served.call("PUT", "/api/v1/detection-mappings", mapping).status == 204
    body = {"batch": {"alerts": [{"uid": 7, "sig": {"msg": "Scan", "prio": 1}, "dst": {"host": "WEB01"}}]}}
    taken = send(served, served.admin, body, "nids")
    assert taken.json["taken"] == 1, taken.body
    row = served.call("GET", f"/api/v1/detections/{taken.json['ids'][0]}").json["detection"]
    assert (row["severity"], row["product"], row["device"]["name"]) == ("High", "Own sensor", "web01")
    assert "nids" in [one["name"] for one in served.call("GET", "/api/v1/detection-intakes").json]
    assert served.call("DELETE", "/api/v1/detection-mappings/nids").status == 204
    assert send(served, served.admin, body, "nids").status == 404


def test_what_is_outside_the_scope_is_not_shown_and_not_reached(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    public_id = send(served, served.admin, {**EVENT, "id": "e-4"}).json["ids"][0]
    narrow = served.token(groups=[77])
    assert served.client.get("/api/v1/detections", **narrow).json["total"] == 0
    assert served.client.get(f"/api/v1/detections/{public_id}", **narrow).status == 404
    writing = served.token(role="administrator", groups=[77])
    sent = send(served, writing, {**EVENT, "id": "e-5"}).json
    assert (sent["taken"], sent["unresolved"]) == (1, 1)


def test_deep_and_long_bodies_are_refused(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    deep: Any = {}
    for _ in range(100):
        deep = {"a": deep}
    assert send(served, served.admin, deep).status == 413
    assert send(served, served.admin, [EVENT] * 1001).status == 413
    assert send(served, served.admin, "text").status == 422
