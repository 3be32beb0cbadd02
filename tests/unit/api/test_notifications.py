"""Notifications and reports over the API."""

from __future__ import annotations

from typing import Any

from tests.support.served import Sensor, Served
from weakspot.access import Permission

CHANNEL: dict[str, Any] = {
    "name": "chat", "kind": "slack", "settings": {"url": "https://hooks.example/secret-part"},
}  # fmt: skip


def test_a_channel_and_a_rule_are_made_shown_changed_and_removed(own: Served) -> None:
    made = own.call("POST", "/api/v1/notifications/channels", CHANNEL)
    assert made.status == 200, made.body
    listed = own.call("GET", "/api/v1/notifications/channels")
    assert b"secret-part" not in listed.body
    assert listed.json["secrets"]["webhook"] == ["secret"]
    rule = {"name": "exploits", "channel_id": made.json["id"], "events": ["public_exploit", "exploit_kit"]}
    kept = own.call("POST", "/api/v1/notifications/rules", rule)
    assert kept.status == 200, kept.body
    number = kept.json["id"]
    changed = own.call("PUT", f"/api/v1/notifications/rules/{number}", {**rule, "pace": "daily"})
    assert changed.json["rule"]["pace"] == "daily"
    assert own.call("POST", f"/api/v1/notifications/rules/{number}/test").status == 204
    state = own.call("GET", "/api/v1/notifications/rules").json
    assert [one["state"] for one in state["sent"]] == ["waiting"]
    assert own.call("DELETE", f"/api/v1/notifications/channels/{made.json['id']}").status == 409
    assert own.call("DELETE", f"/api/v1/notifications/rules/{number}").status == 204
    assert own.call("DELETE", f"/api/v1/notifications/channels/{made.json['id']}").status == 204


def test_it_needs_the_permission_and_the_sight_of_the_groups(own: Served) -> None:
    """spec/features.md 19: "Permission: Manage security settings"; "all-group rules need an admin role"."""
    number = own.call("POST", "/api/v1/notifications/channels", CHANNEL).json["id"]
    reader = own.token(permissions=[Permission.TVM_VIEW_DATA])
    assert own.client.get("/api/v1/notifications/rules", **reader).status == 403
    narrow = own.token(role="administrator", groups=[1])
    rule = {"name": "r", "channel_id": number, "events": ["public_exploit"]}
    for body, status in ((rule, 403), ({**rule, "groups": [1]}, 200), ({**rule, "name": "s", "groups": [2]}, 403)):
        answered = own.client.request("POST", "/api/v1/notifications/rules", headers=narrow, json_body=body)
        assert answered.status == status, answered.body
    added = own.client.request("POST", "/api/v1/notifications/channels", headers=narrow, json_body=CHANNEL)
    assert added.status == 403


def test_reports_are_files_of_both_kinds(fleet: tuple[Served, Sensor]) -> None:
    """spec/features.md 18: each device once, by its most severe vulnerability."""
    served, _ = fleet
    for name in ("vulnerable_devices", "executive"):
        page = served.call("GET", f"/api/v1/reports/file?report={name}")
        assert page.status == 200, page.body
        assert page.headers["content-disposition"].endswith('.html"')
        assert b"<script" not in page.body
        pdf = served.call("GET", f"/api/v1/reports/file?report={name}&format=pdf")
        assert pdf.body.startswith(b"%PDF-")
        assert pdf.headers["content-type"] == "application/pdf"
    narrow = served.token(groups=[77])
    empty = served.client.get("/api/v1/reports/file", **narrow)
    assert b"0 of 0 devices" in empty.body
