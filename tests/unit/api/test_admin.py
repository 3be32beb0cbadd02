"""What the command line asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.served import Served
from weakspot.access.tables import audit

SYNC = "/api/v1/admin/feeds/sync"


def test_sync_tells_progress_and_ends_with_outcomes(own: Served, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    answered = own.call("POST", SYNC, {"mirror": str(mirror), "sources": ["starter"]})
    assert answered.status == 200
    lines = [json.loads(line) for line in answered.body.splitlines()]
    assert lines[-1]["outcome"]["source"] == "starter"
    assert lines[-1]["outcome"]["status"] == "succeeded"
    assert own.call("GET", "/api/v1/knowledge").json["vulnerabilities"] > 100


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"mirror": "relative"}, "absolute path"),
        ({"mirror": "/nowhere/at/all"}, "nowhere"),
        ({"sources": ["gossip"]}, "gossip"),
    ],
)
def test_a_sync_that_cannot_be_says_why(own: Served, body: dict[str, object], told: str) -> None:
    answered = own.call("POST", SYNC, body)
    text = answered.body.decode()
    assert told in text
    assert answered.status >= 400 or "problem" in json.loads(text.splitlines()[-1])
    assert own.call("GET", "/api/v1/knowledge").status == 200


def test_check_and_rebuild(own: Served) -> None:
    own.load_starter()
    sensor = own.enrol()
    sensor.report(("curl", "7.88.1-10"))
    own.settle()
    found = own.call("GET", "/api/v1/admin/check").json
    assert (found["is_exact"], found["differences"]) == (True, [])
    assert own.call("POST", "/api/v1/admin/rebuild", {}).status == 200
    own.settle()
    assert own.call("GET", "/api/v1/admin/check").json["is_exact"]
    own.application.database.write(lambda conn: conn.execute(audit.update().where(audit.c.id == 1).values(target="x")))
    broken = own.call("GET", "/api/v1/admin/check").json
    assert (broken["is_exact"], broken["parts"]["audit"]) == (False, 1)


def test_tokens_are_never_more_than_asked(own: Served) -> None:
    for body, field in (
        ({"name": "x", "role": "owner"}, "role"),
        ({"name": "x", "permissions": ["Everything"]}, "permissions"),
        ({"name": "x", "days": 367}, "days"),
        ({"name": " "}, "name"),
        ({"name": "x", "surprise": 1}, "body"),
    ):
        answered = own.call("POST", "/api/v1/admin/api-tokens", body)
        assert (answered.status, answered.json["field"]) == (422, field), body
