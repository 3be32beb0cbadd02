"""Baseline profiles over HTTP (spec/features.md 17.1 and 20)."""

from __future__ import annotations

from typing import Any

from tests.support.served import Sensor, Served
from weakspot import access

PATH = "/api/v1/baselines"


def body(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "platform": "linux", "configurations": [{"check_id": "check-linux-aslr"}]} | fields


def test_a_profile_is_written_changed_and_removed(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    made = served.call("POST", PATH, body("Written", benchmark="CIS", level="L1"))
    assert made.status == 200, made.body
    row = made.json["baseline"]
    assert (row["name"], row["devices"], row["unknown_devices"], row["settings"]) == ("Written", 1, 1, 1)
    assert served.call("POST", PATH, body(" Written ")).status == 409
    assert served.call("POST", PATH, body("Wrong", configurations=[{"check_id": "check-of-nothing"}])).status == 422
    assert served.call("POST", PATH, body("Wrong", platform="toaster")).status == 422
    one = f"{PATH}/{row['id']}"
    own = [{"check_id": "check-linux-aslr", "expected": {"at_least": 1}}]
    changed = served.call("PUT", one, body("Changed", configurations=own)).json
    assert changed["configurations"][0]["is_customised"]
    asked = changed["configurations"][0]["own_expected"]
    assert {name: value for name, value in asked.items() if value is not None} == {"at_least": 1}
    assert made.json["configurations"][0]["own_expected"] is None
    assert changed["baseline"]["changed_by"]
    (mine,) = [
        found
        for found in served.call("GET", f"/api/v1/devices/{sensor.device_id}/baselines").json
        if found["id"] == row["id"]
    ]
    assert mine["configurations"][0]["expected"] == "Greater than or equal '1'"
    listed = served.call("GET", "/api/baselineprofiles?$filter=name eq 'Changed'").json["value"]
    assert [(found["id"], found["totalDevices"], found["status"]) for found in listed] == [(row["id"], 1, True)]
    export = served.call("GET", "/api/machines/BaselineComplianceAssessmentByMachine").json["value"]
    assert (sensor.device_id, row["id"]) in {(found["deviceId"], found["profileId"]) for found in export}
    assert served.call("GET", "/api/baselineConfigurations?$filter=id eq 'check-linux-aslr'").json["value"]
    assert served.call("DELETE", one).status == 204
    assert served.call("DELETE", one).status == 404
    with served.application.database.read() as conn:
        told = [line.action for line in access.audit_entries(conn) if line.target == f"baseline:{row['id']}"]
    assert told == ["baseline.add", "baseline.change", "baseline.remove"]


def test_only_who_manages_baselines_writes_them_and_only_for_own_groups(own: Served) -> None:
    """20: "Manage security baselines assessment profiles: Create and manage profiles"."""
    role = {"name": "auditor", "permissions": ["ViewData", "TvmViewData", "ManageSecurityBaselines"]}
    assert own.call("POST", "/api/v1/admin/roles", role).status == 200
    reader, narrow = own.token(), own.token(role="auditor", groups=[1])
    theirs = own.call("POST", PATH, body("Of all")).json["baseline"]["id"]

    def status(method: str, path: str, sent: dict[str, Any] | None, who: dict[str, str]) -> int:
        return own.client.request(method, path, headers=who, json_body=sent).status

    assert status("POST", PATH, body("x"), reader) == 403
    assert status("DELETE", f"{PATH}/{theirs}", None, reader) == 403
    assert status("POST", PATH, body("x"), narrow) == 403, "for all groups"
    assert status("POST", PATH, body("x", groups=[1, 77]), narrow) == 403
    assert own.call("POST", PATH, body("x", groups=[77])).status == 422, "there is no such group"
    assert status("PUT", f"{PATH}/{theirs}", body("x", groups=[1]), narrow) == 403
    assert status("DELETE", f"{PATH}/{theirs}", None, narrow) == 403
    assert status("POST", PATH, body("Mine", groups=[1]), narrow) == 200
    assert own.client.get(f"{PATH}/{theirs}", **narrow).json["baseline"]["devices"] == 0
    assert own.client.get("/api/baselineProfiles", **reader).status == 200
