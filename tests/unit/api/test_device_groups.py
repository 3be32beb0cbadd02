"""Device groups, tag rules and decisions over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.served import Served, serving

RULE = {"conditions": [{"kind": "name", "operator": "starts_with", "values": ["web"]}]}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("groups")) as made:
        made.enrol("web01")
        made.enrol("db01")
        made.settle()
        yield made


def test_a_group_is_made_changed_ordered_and_deleted(served: Served) -> None:
    seen = served.call("POST", "/api/v1/device-groups/preview", {"rule": RULE}).json
    assert (seen["total"], [one["name"] for one in seen["devices"]]) == (1, ["web01"])
    made = served.call("POST", "/api/v1/device-groups", {"name": "Web", "rule": RULE}).json["id"]
    served.settle()
    groups = served.call("GET", "/api/v1/device-groups").json
    assert [(one["name"], one["rank"], one["devices"]) for one in groups] == [
        ("Web", 1, 1), ("Ungrouped devices (default)", None, 1),
    ]  # fmt: skip
    changed = served.call("PUT", f"/api/v1/device-groups/{made}", {"name": "Web servers", "description": "front"})
    assert changed.status == 204
    assert served.call("POST", "/api/v1/device-groups/order", {"order": [made]}).status == 204
    assert served.call("GET", "/api/v1/device-groups").json[0]["rule"] == {"conditions": []}
    assert served.call("DELETE", f"/api/v1/device-groups/{made}").status == 204
    assert served.call("DELETE", f"/api/v1/device-groups/{made}").status == 404
    assert served.call("PUT", "/api/v1/device-groups/x", {"name": "a"}).status == 404


def test_tag_rules_and_decisions(served: Served) -> None:
    made = served.call("POST", "/api/v1/tag-rules", {"tag": "a, b", "rule": RULE}).json["id"]
    served.settle()
    assert served.call("GET", "/api/v1/tags").json == [{"name": "a, b", "origins": ["rule"], "devices": 1}]
    assert served.call("GET", "/api/v1/tag-rules").json[0]["devices"] == 1
    listed = served.call("GET", "/api/v1/devices?device_tag=a%2C%20b").json
    assert [one["name"] for one in listed["items"]] == ["web01"]
    asked = {"devices": {"tags": ["a, b"]}, "value": "High", "criticality": "High"}
    assert served.call("POST", "/api/v1/devices/decisions", asked).json == {"devices": 1}
    served.settle()
    shown = served.call("GET", "/api/v1/devices?criticality=High").json["items"][0]
    assert (shown["name"], shown["device_value"]) == ("web01", "High")
    assert served.call("DELETE", f"/api/v1/tag-rules/{made}").status == 204


@pytest.mark.parametrize(
    "rule",
    [
        {"conditions": [{"kind": "owner", "values": ["a"]}]},
        {"conditions": [{"kind": "name", "values": []}]},
        {"conditions": [{"kind": "name", "values": ["x"] * 11}]},
        {"conditions": [{"kind": "name", "values": ["x"]}, {"kind": "name", "values": ["y"]}]},
        {"unknown": 1},
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_field(served: Served, rule: dict[str, object]) -> None:
    answered = served.call("POST", "/api/v1/device-groups", {"name": "Never", "rule": rule})
    assert answered.status == 422
    assert answered.json["field"].startswith("rule")


def test_a_reader_decides_nothing(served: Served) -> None:
    reader = served.token(role="reader")
    for path, body in (
        ("/api/v1/device-groups", {"name": "x"}),
        ("/api/v1/devices/decisions", {"devices": {"groups": [1]}, "value": "High"}),
        ("/api/v1/tag-rules", {"tag": "x", "rule": RULE}),
    ):
        assert served.client.post(path, body, **reader).status == 403
