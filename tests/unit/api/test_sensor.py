"""The sensors' calls: bounds, types, keys, and that a refused report changes nothing."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.support.served import Sensor, Served
from weakspot.runtime import changes

REPORTS = "/api/sensor/v1/reports"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def sensor(served: Served) -> Sensor:
    made = served.enrol("bounds")
    made.report(("bash", "5.2.15-2"))
    return made


def state(served: Served) -> int:
    with served.application.database.read() as connection:
        return changes.last_seq(connection)


def send(sensor: Sensor, body: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return sensor.served.client.request("POST", REPORTS, headers={**sensor.headers, **JSON, **named}, body=body)


def test_a_compressed_report_is_recorded_and_a_repeat_has_no_effect(served: Served) -> None:
    sensor = served.enrol("gzip")
    body = gzip.compress(json.dumps(sensor.document(("bash", "5.2.15-2"), ("curl", "7.88.1-10"))).encode())
    first = send(sensor, body, content_encoding="gzip")
    assert (first.status, first.json["duplicate"], first.json["device_id"]) == (200, False, sensor.device_id)
    before = state(served)
    again = send(sensor, body, content_encoding="gzip")
    assert (again.status, again.json["duplicate"]) == (200, True)
    assert state(served) == before


def test_heartbeats_tell_whether_to_resync(served: Served, sensor: Sensor) -> None:
    path = "/api/sensor/v1/heartbeat"
    same = served.client.request("POST", path, headers=sensor.headers, json_body={})
    assert same.json == {"resync": False}
    other = served.client.request("POST", path, headers=sensor.headers, json_body={"digest": "0" * 64})
    assert other.json == {"resync": True}


def test_a_known_device_is_not_taken_over(served: Served, sensor: Sensor) -> None:
    made = served.call("POST", "/api/v1/admin/enrolment-tokens", {"name": "again"}).json
    request = {"token": made["token"], "device": sensor.document()["device"]}
    refused = served.client.post("/api/sensor/v1/enrol", request)
    assert refused.status in (202, 409)
    assert "device_key" not in refused.json
    assert send(sensor, json.dumps(sensor.document(("bash", "5.2.15-2"))).encode()).status == 200
    waiting = served.call("GET", "/api/v1/admin/enrolment-requests").json
    assert [one["device_id"] for one in waiting] == [sensor.device_id]
    decision = {"id": waiting[0]["id"], "decision": "approved"}
    assert served.call("POST", "/api/v1/admin/enrolment-requests", decision).status == 204
    approved = served.client.post("/api/sensor/v1/enrol", request)
    assert (approved.status, approved.json["device_id"]) == (200, sensor.device_id)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content_type": "text/plain"}, b"{}", 415),
        ({"content_encoding": "br"}, b"{}", 415),
        ({"content_encoding": "gzip"}, b"{}", 400),
        ({"content_encoding": "gzip"}, gzip.compress(b"\0" * (65 << 20), mtime=0), 413),
        ({"content_length": str(1 << 40)}, b"{}", 413),
        ({}, b"", 400),
        ({}, b"{", 400),
        ({}, b"[]", 422),
        ({}, b"{}", 422),
        ({}, b'{"schema": 2}', 422),
        ({}, b'{"a": ' + b"[" * 50_000, 400),
        ({}, b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", 413),
        ({"authorization": "Bearer wrong-key-wrong-key-wrong"}, b"{}", 422),
        ({"authorization": "Basic abc"}, b"{}", 401),
    ],
    ids=lambda value: None if isinstance(value, int) else str(len(value)),
)
def test_what_is_refused_changes_nothing(
    served: Served, sensor: Sensor, headers: dict[str, str], body: bytes, status: int
) -> None:
    before = state(served)
    answered = send(sensor, body, **headers)
    assert answered.status in (
        status,
        413 if body.startswith(b'{"a"') else status,
        422 if body[:4] == b'{"a"' else status,
    )
    assert answered.headers["content-type"] == "application/problem+json"
    assert len(answered.json["detail"]) > 15
    assert state(served) == before


def test_a_wrong_key_is_refused(served: Served, sensor: Sensor) -> None:
    body = json.dumps(sensor.document(("bash", "1"))).encode()
    before = state(served)
    assert send(sensor, body, authorization="Bearer wrong-key-wrong-key-wrong").status == 401
    assert state(served) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post(served: Served, method: str) -> None:
    answered = served.client.request(method, REPORTS)
    assert (answered.status, answered.headers["allow"]) == (405, "POST")


def test_unknown_calls(served: Served) -> None:
    assert served.client.post("/api/sensor/v1/other", {}).status == 404


def test_the_field_at_fault_is_named(served: Served, sensor: Sensor) -> None:
    document = sensor.document(("bash", "5.2.15-2"))
    document["software"][0]["name"] = 7
    answered = send(sensor, json.dumps(document).encode())
    assert (answered.status, answered.json["field"]) == (422, "software[0].name")
