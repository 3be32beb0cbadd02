"""Remediation over both APIs: spec/features.md 7 and spec/api.md 13."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.support.served import Sensor, Served

CURL = "va-_-debian-_-curl"
TASKS = "/api/remediationTasks"


@pytest.fixture
def loaded(own: Served) -> tuple[Served, Sensor]:
    own.load_starter()
    sensor = own.enrol()
    sensor.report(("curl", "7.88.1-10"))
    own.settle()
    return own, sensor


def ask(served: Served, **fields: Any) -> dict[str, Any]:
    answered = served.call("POST", "/api/v1/remediation/activities", {"recommendation_ids": [CURL], **fields})
    assert answered.status == 200, answered.body
    return answered.json[0]  # type: ignore[no-any-return]


def follow(served: Served) -> None:
    served.settle()
    while served.application.followers.step():
        pass
    served.settle()


def test_an_activity_in_the_words_of_the_compatible_api(loaded: tuple[Served, Sensor]) -> None:
    served, sensor = loaded
    made = ask(served, notes="soon", priority="High")
    (task,) = served.call("GET", TASKS).json["value"]
    assert served.call("GET", f"{TASKS}/{made['id']}").json["id"] == task["id"] == made["id"]
    # 13.1: the entity's properties, all there
    assert set(task) == {
        "id", "title", "createdOn", "requesterId", "requesterEmail", "status", "statusLastModifiedOn", "description",
        "relatedComponent", "targetDevices", "rbacGroupNames", "fixedDevices", "requesterNotes", "dueOn", "category",
        "productivityImpactRemediationType", "priority", "completionMethod", "completerId", "completerEmail", "scid",
        "type", "productId", "vendorId", "nameId", "recommendedVersion", "recommendedVendor", "recommendedProgram",
    }  # fmt: skip
    assert (task["status"], task["targetDevices"], task["fixedDevices"], task["type"]) == ("Active", 1, 0, "Update")
    assert (task["productId"], task["requesterNotes"], task["category"]) == ("debian-_-curl", "soon", "Software")
    # 13.2: "collection 7.9 of still exposed devices"
    (machine,) = served.call("GET", f"{TASKS}/{made['id']}/machineReferences").json["value"]
    assert machine["id"] == sensor.device_id
    for query, total in (("status eq 'Active'", 1), ("status eq 'Completed'", 0), ("createdOn gt 2000-01-01", 1)):
        assert len(served.call("GET", f"{TASKS}?$filter={quote(query)}").json["value"]) == total
    assert served.call("GET", f"{TASKS}/00000000-0000-4000-8000-000000000000").status == 404
    reader = served.token(permissions=["RemediationTasks.Read.All"])
    assert served.client.get(TASKS, **reader).status == 200
    assert served.client.get("/api/machines", **reader).status == 403


def test_the_next_report_completes_it(loaded: tuple[Served, Sensor]) -> None:
    served, sensor = loaded
    made = ask(served)
    served.clock.forward(60)
    sensor.report(("curl", "99.0-1"))
    follow(served)
    done = served.call("GET", f"/api/v1/remediation/activities/{made['id']}").json["activity"]
    assert (done["status"], done["completed_by"], done["fixed_devices"]) == ("Completed", "System confirmation", 1)
    task = served.call("GET", f"{TASKS}/{made['id']}").json
    assert (task["completionMethod"], task["completerId"]) == ("Automatic", None)
    assert served.call("GET", f"{TASKS}/{made['id']}/machineReferences").json["value"] == []


def test_a_plan_becomes_activities_at_once_or_not_at_all(loaded: tuple[Served, Sensor]) -> None:
    served, _ = loaded
    wrong = {"recommendation_ids": [CURL, "va-_-none-_-none"]}
    assert served.call("POST", "/api/v1/remediation/activities", wrong).status == 404
    assert served.call("GET", "/api/v1/remediation/activities").json["total"] == 0
    assert len(served.call("POST", "/api/v1/remediation/activities", {"recommendation_ids": [CURL, CURL]}).json) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"due_on": "yesterday"}, 422),
        ({"due_on": "2001-01-01"}, 422),
        ({"option": "Upgrade"}, 422),
        ({"group_ids": [77]}, 409),
        ({"tracker_id": 9}, 404),
        ({"surplus": 1}, 422),
        ({"notes": "x" * 4001}, 422),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    loaded: tuple[Served, Sensor], fields: dict[str, Any], status: int
) -> None:
    served, _ = loaded
    body = {"recommendation_ids": [CURL], **fields}
    assert served.call("POST", "/api/v1/remediation/activities", body).status == status


def test_secrets_of_trackers_are_never_shown(loaded: tuple[Served, Sensor]) -> None:
    served, _ = loaded
    settings = {"repository": "a/b", "token": "hunter2-hunter2", "webhook_secret": "other-secret"}
    made = served.call("POST", "/api/v1/remediation/trackers", {"name": "x", "kind": "github", "settings": settings})
    assert made.status == 200
    listed = served.call("GET", "/api/v1/remediation/trackers")
    form = served.call("GET", f"/api/v1/recommendations/{quote(CURL)}/remediation-form").json
    assert form["trackers"] == {"1": "x"}
    with served.application.database.read() as conn:
        stored = b"".join(bytes(row[0]) for row in conn.exec_driver_sql("SELECT secrets FROM remediation_tracker"))
    for text in (made.body, listed.body, stored):
        assert b"hunter2" not in text
        assert b"other-secret" not in text
    path = "/api/v1/remediation/trackers/1"
    assert served.client.post(f"{path}/callback", {"issue": {}}).status == 401
    assert served.call("POST", f"{path}/switch", {"is_enabled": False}).json["is_enabled"] is False
    assert served.call("POST", f"{path}/removal", {}).status == 204
    assert served.call("POST", f"{path}/removal", {}).status == 404


def test_files_for_those_who_do_the_work(loaded: tuple[Served, Sensor]) -> None:
    served, sensor = loaded
    made = ask(served)
    path = f"/api/v1/remediation/activities/{made['id']}/files"
    listed = served.call("GET", path)
    assert listed.headers["content-disposition"] == 'attachment; filename="devices.csv"'
    assert sensor.device_id.encode() in listed.body
    for form, part in (("shell", b"-- curl="), ("ansible_playbook", b"only_upgrade"), ("ansible_inventory", b"web01")):
        assert part in served.call("GET", f"{path}?format={form}").body
    assert served.call("GET", f"{path}?format=powershell").status == 200
    assert served.call("GET", f"{path}?format=bat").status == 400
    blocked = f"/api/v1/recommendations/{quote(CURL)}/block-list"
    for form in ("applocker", "wdac", "fapolicyd", "santa", "ioc_csv"):
        answered = served.call("GET", f"{blocked}?format={form}&sha256={'a' * 64}")
        assert (answered.status, b"a" * 64 in answered.body.lower() or form == "applocker") == (200, True), form
    assert served.call("GET", f"{blocked}?format=santa&action=Warn").status == 422
    reader = served.token()
    for one in (path, blocked):
        assert served.client.get(one, **reader).status == 403
