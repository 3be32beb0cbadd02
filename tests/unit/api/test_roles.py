"""Who may do what: roles of spec/features.md 20, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.served import Served
from weakspot.access import rules
from weakspot.api import routes
from weakspot.api.openapi import declared

EXCEPTIONS, HANDLING = "ActiveRemediation.ExceptionHandling", "ActiveRemediation.RemediationHandling"
VIEW = ["TvmViewData", "ViewData"]


def role(served: Served, name: str, *permissions: str) -> None:
    body = {"name": name, "description": "for a test", "permissions": [*VIEW, *permissions]}
    assert served.call("POST", "/api/v1/admin/roles", body).status == 200


def person(served: Served, name: str, role_name: str, groups: list[int] | None = None) -> dict[str, str]:
    body = {"name": name, "role": role_name, "groups": groups}
    assert served.call("POST", "/api/v1/admin/users", body).status == 200
    return served.sign_in(name)


def exception(**scope: Any) -> dict[str, Any]:
    return {
        "subject_kind": "vulnerability", "subject": "CVE-2023-38545", "scope": scope or {"kind": "global"},
        "justification": "risk_accepted", "context": "why", "days": 30,
    }  # fmt: skip


@pytest.fixture
def loaded(own: Served) -> Served:
    own.load_starter()
    sensor = own.enrol()
    sensor.report(("curl", "7.88.1-10"))
    own.settle()
    return own


def test_each_permission_opens_what_it_names_and_no_more(loaded: Served) -> None:
    role(loaded, "fixer", HANDLING)
    role(loaded, "risk", EXCEPTIONS)
    fixer, risk, reader = person(loaded, "f", "fixer"), person(loaded, "r", "risk"), person(loaded, "v", "reader")
    ask = {"recommendation_ids": ["va-_-debian-_-curl"]}
    by_group = exception(kind="device_group", group_ids=[1])

    def statuses(path: str, body: dict[str, Any]) -> list[int]:
        return [
            loaded.client.request("POST", path, headers=who, json_body=body).status for who in (fixer, risk, reader)
        ]

    # 7.1: "Only users holding Remediation handling may submit"; 20: "remediation handling: Submit requests, create
    # tickets, manage activities", "exception handling: Create and manage exceptions"
    assert statuses("/api/v1/remediation/activities", ask) == [200, 403, 403]
    assert statuses("/api/v1/exceptions", by_group) == [403, 200, 403]
    # 20: "Global exceptions need the built-in administrator (all groups)."
    assert statuses("/api/v1/exceptions", exception()) == [403, 403, 403]
    # 20: "application handling: Block/unblock applications"; "Manage portal system settings: ... integrations"
    assert statuses("/api/v1/remediation/activities", {**ask, "mitigation": "Block"}) == [403, 403, 403]
    assert statuses("/api/v1/detection-pulls", {"name": "x", "kind": "graph", "settings": {}}) == [403, 403, 403]
    assert statuses("/api/v1/remediation/trackers", {"name": "x", "kind": "jira", "settings": {}}) == [403, 403, 403]
    assert loaded.call("POST", "/api/v1/exceptions", exception()).status == 200
    assert loaded.client.get("/api/v1/exceptions", **reader).json["total"] == 2


OPENED = {
    "ViewData": {"listDevices", "showDevice", "listGroups"},  # "See alerts, devices etc."
    "TvmViewData": {"listWeaknesses", "listSoftware", "listRecommendations", "listEvents", "reportInaccuracy"},
    EXCEPTIONS: {"requestException", "decideException", "cancelException", "importExceptions"},
    HANDLING: {"requestRemediation", "completeRemediation", "stateMitigation"},
    "ActiveRemediation.ApplicationHandling": {"downloadBlockList"},
    "AlertsInvestigation": {"decideDetection", "tagDevices"},  # "Manage alerts, device tags"
    # "Roles, device groups, integrations (built-in admin role only)"
    "ManageSystemSettings": {"putRole", "createDeviceGroup", "addTracker", "addDetectionPull", "createApiToken"},
    # "Suppressions, onboarding, e-mail notification rules, set device value/tags by API"
    "ManageSecurity": {"decideInaccuracy", "issueEnrolmentToken", "addNotificationRule", "decideDevices"},
}
"""spec/features.md 20: what each permission allows. Security operations are response actions: there are none."""


def test_each_operation_stands_under_the_permission_that_names_it() -> None:
    """spec/features.md 20, "Permission | Allows"."""
    by_permission: dict[str | None, set[str]] = {}
    for _, _, operation in declared(routes.ALL, "/api/v1"):
        by_permission.setdefault(operation.permission, set()).add(operation.id)
    for permission, operations in OPENED.items():
        assert operations <= by_permission[permission], permission


def test_a_role_opens_nothing_but_its_permissions(loaded: Served) -> None:
    """spec/features.md 20: every write and every shut read of our own API, against a role with one permission more than
    viewing; whatever it does not give answers 403 before anything else is looked at.
    """
    role(loaded, "one")
    who = person(loaded, "p", "one")
    for permission in sorted(rules.ROLE_PERMISSIONS):
        role(loaded, "one", permission)  # in force from the next request
        given = rules.effective_permissions(frozenset([*VIEW, permission]))
        for path, method, operation in declared(routes.ALL, "/api/v1"):
            if operation.permission is not None and operation.permission not in given:
                body = None if method in ("get", "delete") else {}
                address = path.replace("{id}", "1").replace("{name}", "x")
                answered = loaded.client.request(method.upper(), address, headers=who, json_body=body)
                assert answered.status == 403, (permission, method, path)


def test_who_investigates_tags_devices_and_decides_nothing_else(loaded: Served) -> None:
    """spec/features.md 20: "Alerts investigation: Manage alerts, device tags"; "Manage security settings: ... set
    device value/tags by API".
    """
    role(loaded, "hunter", "AlertsInvestigation")
    who = person(loaded, "h", "hunter")
    asked = {"devices": {"groups": [1]}, "add_tags": ["seen"], "reason": "case 7"}
    answered = loaded.client.request("POST", "/api/v1/devices/tags", headers=who, json_body=asked)
    assert (answered.status, answered.json) == (200, {"devices": 1})
    loaded.settle()
    assert loaded.client.get("/api/v1/devices?device_tag=seen", **who).json["total"] == 1
    surplus = {**asked, "value": "High"}
    assert loaded.client.request("POST", "/api/v1/devices/tags", headers=who, json_body=surplus).status == 422
    assert loaded.client.request("POST", "/api/v1/devices/decisions", headers=who, json_body=asked).status == 403
    narrow = person(loaded, "n", "hunter", [77])
    assert loaded.client.request("POST", "/api/v1/devices/tags", headers=narrow, json_body=asked).status == 404


def test_the_system_is_managed_by_the_built_in_administrator_alone(loaded: Served) -> None:
    """spec/features.md 20: "Manage portal system settings: Roles, device groups, integrations (built-in admin role
    only)".
    """
    body = {"name": "shadow", "description": "", "permissions": ["ManageSystemSettings"]}
    assert loaded.call("POST", "/api/v1/admin/roles", body).status == 422
    assert "ManageSystemSettings" not in loaded.call("GET", "/api/v1/admin/roles").json["permissions"]


def test_two_people_decide_where_four_eyes_are_on(loaded: Served) -> None:
    role(loaded, "risk", EXCEPTIONS)
    one, two = person(loaded, "one", "risk"), person(loaded, "two", "risk")
    assert loaded.call("PUT", "/api/v1/exceptions/policy", {"is_four_eyes": True}).status == 200
    body = exception(kind="device_group", group_ids=[1])
    asked = loaded.client.request("POST", "/api/v1/exceptions", headers=one, json_body=body).json
    assert asked["status"] == "Requested"
    path = f"/api/v1/exceptions/{asked['id']}/decision"
    decision = {"decision": "approved"}
    assert loaded.client.request("POST", path, headers=one, json_body=decision).status == 403
    approved = loaded.client.request("POST", path, headers=two, json_body=decision).json
    assert (approved["status"], approved["created_by"], approved["decided_by"]) == ("Active", "one", "two")
    cancelled = loaded.client.request(
        "POST", f"/api/v1/exceptions/{asked['id']}/cancellation", headers=one, json_body={"group_id": 1}
    ).json
    assert cancelled["status"] == "Cancelled"


def test_other_groups_are_out_of_reach(loaded: Served) -> None:
    role(loaded, "risk", EXCEPTIONS, HANDLING)
    narrow = person(loaded, "narrow", "risk", [77])
    for body in (exception(kind="device_group", group_ids=[1]),):
        answered = loaded.client.request("POST", "/api/v1/exceptions", headers=narrow, json_body=body)
        assert answered.status in (403, 404, 422)
    kept = loaded.call("POST", "/api/v1/exceptions", exception(kind="device_group", group_ids=[1])).json
    for action, sent in (("cancellation", {}), ("cancellation", {"group_id": 1})):
        path = f"/api/v1/exceptions/{kept['id']}/{action}"
        assert loaded.client.request("POST", path, headers=narrow, json_body=sent).status == 403
    assert loaded.client.get(f"/api/v1/exceptions/{kept['id']}", **narrow).status == 404


def test_roles_are_data_but_built_in_ones_stay(loaded: Served) -> None:
    role(loaded, "fixer", HANDLING)
    listed = {one["name"]: one for one in loaded.call("GET", "/api/v1/admin/roles").json["roles"]}
    assert (listed["fixer"]["is_built_in"], listed["fixer"]["permissions"]) == (False, sorted([*VIEW, HANDLING]))
    for body, status in (
        ({"name": "reader", "permissions": []}, 409),
        ({"name": "odd", "permissions": ["Everything"]}, 422),
        ({"name": " ", "permissions": []}, 422),
    ):
        assert loaded.call("POST", "/api/v1/admin/roles", body).status == status
    who = person(loaded, "f", "fixer")
    role(loaded, "fixer")  # taken away: in force from the next request
    ask = {"recommendation_ids": ["va-_-debian-_-curl"]}
    assert loaded.client.request("POST", "/api/v1/remediation/activities", headers=who, json_body=ask).status == 403
    assert loaded.call("POST", "/api/v1/admin/roles/removal", {"name": "fixer"}).status == 409
    role(loaded, "unused")
    assert loaded.call("POST", "/api/v1/admin/roles/removal", {"name": "unused"}).status == 204
    assert loaded.call("POST", "/api/v1/admin/roles/removal", {"name": "unused"}).status == 404


def test_the_last_administrator_stays(loaded: Served) -> None:
    for change in ({"role": "reader"}, {"role": "administrator", "is_active": False}):
        assert loaded.call("POST", "/api/v1/admin/users", {"name": "administrator", **change}).status == 409
    (only,) = loaded.call("GET", "/api/v1/admin/users").json
    assert (only["role"], only["is_active"], only["groups"]) == ("administrator", True, None)


@pytest.mark.parametrize("form", ["openvex", "csaf", "cyclonedx"])
def test_exceptions_go_out_and_come_back_as_vex(loaded: Served, form: str) -> None:
    made = loaded.call("POST", "/api/v1/exceptions", exception()).json
    document = loaded.call("GET", f"/api/v1/exceptions/vex?form={form}").json
    assert "CVE-2023-38545" in str(document)
    loaded.call("POST", f"/api/v1/exceptions/{made['id']}/cancellation", {})
    assert "CVE-2023-38545" not in str(loaded.call("GET", f"/api/v1/exceptions/vex?form={form}").json)
    answered = loaded.call("POST", "/api/v1/exceptions/vex", {"days": 30, "document": document})
    assert answered.status == 200, answered.body
    (again,) = answered.json["exceptions"]
    kept = loaded.call("GET", f"/api/v1/exceptions/{again}").json
    assert (kept["type"], kept["status"], kept["justification"]) == ("global", "Active", "risk_accepted")
    assert loaded.call("POST", "/api/v1/exceptions/vex", {"days": 30, "document": {}}).status == 400
