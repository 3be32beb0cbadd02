"""Checks over the API: from a report's settings to devices, score, exceptions of the score, and the switch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.served import Sensor, Served, serving

ROOT, ASLR = "linux.sshd.permit_root_login", "linux.sysctl.kernel.randomize_va_space"
SSH = "check-linux-ssh-root-sign-in"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("checks")) as made:
        yield made


def tell(sensor: Sensor, **settings: str) -> None:
    names = {"root": ROOT, "aslr": ASLR}
    body = sensor.document()
    body["details"] = {"settings": [{"name": names[one], "value": value} for one, value in settings.items()]}
    answered = sensor.served.client.request("POST", "/api/sensor/v1/reports", headers=sensor.headers, json_body=body)
    assert answered.status == 200, answered.body
    sensor.served.settle()


@pytest.fixture(scope="module")
def sensors(served: Served) -> tuple[Sensor, Sensor]:
    one, two = served.enrol("web01"), served.enrol("web02")
    tell(one, root="yes", aslr="2")
    tell(two, root="no")
    return one, two


def test_the_list_counts_devices_by_what_is_known(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    """spec/features.md 5.5, 6.2: exposed of applicable; what is not told is unknown, not compliant."""
    page = served.call("GET", "/api/v1/checks?platform=linux&page_size=100").json
    rows = {row["id"]: row for row in page["items"]}
    row = rows[SSH]
    assert (row["applicable_devices"], row["compliant_devices"], row["exposed_devices"]) == (2, 1, 1)
    assert row["unknown_devices"] == 0
    assert rows["check-linux-aslr"]["unknown_devices"] == 1
    assert row["secure_score_impact"] == row["impact"] / 2
    assert page["items"][0]["id"] == SSH, "what raises the score most comes first"
    assert "check-windows-uac" not in rows


def test_one_check_shows_the_values(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    shown = served.call("GET", f"/api/v1/checks/{SSH}").json
    assert {(one["value"], one["result"], one["devices"]) for one in shown["values"]} == {
        ("yes", "non_compliant", 1),
        ("no", "compliant", 1),
    }
    assert shown["expected"].startswith("One of 'no'")
    assert shown["remediation"]
    assert served.call("GET", "/api/v1/checks/check-of-nothing").status == 404


def test_devices_of_a_check_and_checks_of_a_device(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    one, _ = sensors
    for assessed_as, names in (("non_compliant", ["web01"]), ("compliant", ["web02"]), ("unknown", [])):
        found = served.call("GET", f"/api/v1/checks/{SSH}/devices?assessed_as={assessed_as}").json
        assert [row["name"] for row in found["items"]] == names
    rows = served.call("GET", f"/api/v1/devices/{one.device_id}/checks").json
    assert (rows[0]["id"], rows[0]["result"], rows[0]["value"]) == (SSH, "non_compliant", "yes")
    assert {row["result"] for row in rows} == {"non_compliant", "compliant", "unknown"}


def test_the_secure_score(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    score = served.call("GET", "/api/v1/secure-score").json
    assert (score["points"], score["maximum"]) == (8 / 2 + 7, 8 + 7)
    by_category = {one["category"]: one for one in score["categories"]}
    assert len(by_category) == 5
    assert by_category["accounts"]["points"] == 4
    assert (score["assessed_devices"], score["assessed_checks"]) == (2, 2)


def test_a_check_is_switched_off_with_a_reason_and_audited(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    assert served.call("PUT", f"/api/v1/checks/{SSH}", {"is_enabled": False}).status == 422
    shown = served.call("PUT", f"/api/v1/checks/{SSH}", {"is_enabled": False, "reason": "Bastion only."}).json
    assert (shown["check"]["is_enabled"], shown["reason"]) == (False, "Bastion only.")
    assert served.call("GET", "/api/v1/secure-score").json["maximum"] == 7
    again = served.call("PUT", f"/api/v1/checks/{SSH}", {"is_enabled": True}).json
    assert again["check"]["is_enabled"]
    assert served.call("GET", "/api/v1/secure-score").json["maximum"] == 15


def test_history_has_a_point_when_the_score_changes(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    from weakspot.workflows.checks import record_secure_scores

    application = served.application
    first = record_secure_scores(application.database, application.follower.fleet, served.clock())
    assert record_secure_scores(application.database, application.follower.fleet, served.clock()) == 0
    assert first == 2, "organisation and one group"
    found = served.call("GET", "/api/v1/history/secure-score").json["points"]
    assert (found[-1]["points"], found[-1]["maximum"]) == (11, 15)
    assert served.call("GET", "/api/v1/secure-score").json["trend"] == found


IDENT = f"sca-_-{SSH}"


def test_a_check_that_fails_somewhere_is_recommended(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    """spec/features.md 6.2, 6.4: related component and type of a setting; search by the check's id."""
    listed = served.call("GET", "/api/v1/recommendations?remediation=ConfigurationChange").json
    assert [row["id"] for row in listed["items"]] == [IDENT]
    (row,) = listed["items"]
    assert (row["related_component"], row["exposed_devices"], row["installed_devices"]) == ("Accounts > SSH", 1, 2)
    assert (row["impact"], row["secure_score_impact"], row["weaknesses"]) == (0, 4, 0)
    assert served.call("GET", f"/api/v1/recommendations?search={SSH}").json["total"] == 1
    assert served.call("GET", f"/api/v1/recommendations/{IDENT}").json["check_id"] == SSH
    devices = served.call("GET", f"/api/v1/recommendations/{IDENT}/devices").json
    assert [one["name"] for one in devices["items"]] == ["web01"]
    assert served.call("GET", f"/api/v1/recommendations/{IDENT}/weaknesses").json["total"] == 0
    assert served.call("GET", "/api/v1/recommendations/sca-_-check-linux-aslr").status == 404, "nobody fails it"


@pytest.mark.parametrize(
    ("justification", "points", "after"),
    [("third_party_control", 15, 0), ("alternate_mitigation", 15, 0), ("risk_accepted", 11, 1)],
)
def test_exceptions_of_checks(
    served: Served, sensors: tuple[Sensor, Sensor], justification: str, points: float, after: int
) -> None:
    """spec/features.md 5.5, 9.3: third party control and alternate mitigation raise the secure score, others do not."""
    asked = {
        "subject_kind": "recommendation", "subject": IDENT, "scope": {"kind": "global"},
        "justification": justification, "context": "Covered elsewhere.", "days": 30,
    }  # fmt: skip
    made = served.call("POST", "/api/v1/exceptions", asked)
    assert made.status == 200, made.body
    assert made.json["title"] == "Keep root from signing in over SSH"
    score = served.call("GET", "/api/v1/secure-score").json
    assert (score["points"], score["points_detected"]) == (points, 11)
    row = served.call("GET", f"/api/v1/checks/{SSH}").json["check"]
    assert (row["status"], row["exposed_devices"]) == ("full_exception", 1), "detected counts stay"
    assert row["exposed_devices_after_exceptions"] == after
    assert row["secure_score_impact"] == 4 * after
    ended = served.call("POST", f"/api/v1/exceptions/{made.json['id']}/cancellation", {})
    assert ended.status == 200, ended.body
    assert served.call("GET", "/api/v1/secure-score").json["points"] == 11
    assert served.call("POST", "/api/v1/exceptions", asked | {"subject": "sca-_-check-of-nothing"}).status == 404


def progress(served: Served, public_id: str) -> str:
    """Status of the activity once everything that was reported has been looked at."""
    served.settle()
    served.application.followers.step()
    shown = served.call("GET", f"/api/v1/remediation/activities/{public_id}").json
    return str(shown["activity"]["status"])


def test_an_activity_of_a_check_completes_by_what_the_device_tells(
    served: Served, sensors: tuple[Sensor, Sensor]
) -> None:
    """spec/features.md 7.3: completed by the system when the devices show the fix; opened again when it regresses."""
    form = served.call("GET", f"/api/v1/recommendations/{IDENT}/remediation-form")
    assert form.status == 200, form.body
    assert (form.json["option"], form.json["exposed_devices"], form.json["priority"]) == (
        "ConfigurationChange", 1, "Medium",
    )  # fmt: skip
    made = served.call("POST", "/api/v1/remediation/activities", {"recommendation_ids": [IDENT]})
    assert made.status == 200, made.body
    (activity,) = made.json
    assert progress(served, activity["id"]) == "Active"
    tell(sensors[0], root="no")
    assert progress(served, activity["id"]) == "Completed"
    assert served.call("GET", "/api/v1/secure-score").json["points"] == 8, "the score rose by what was predicted"
    tell(sensors[0], root="yes", aslr="2")
    assert progress(served, activity["id"]) == "Active"


def test_the_compatible_api_knows_settings(served: Served, sensors: tuple[Sensor, Sensor]) -> None:
    """spec/api.md 10.1 and 11."""
    assert served.call("GET", "/api/configurationScore").json["score"] == 4 + 7
    one = served.call("GET", f"/api/recommendations/{IDENT}").json
    assert (one["recommendationCategory"], one["subCategory"], one["severityScore"]) == ("Accounts", "SSH", 8)
    assert (one["remediationType"], one["configScoreImpact"], one["exposedMachinesCount"]) == (
        "ConfigurationChange", 4, 1,
    )  # fmt: skip
    listed = served.call("GET", "/api/recommendations?$filter=remediationType%20eq%20'ConfigurationChange'").json
    assert [each["id"] for each in listed["value"]] == [IDENT]
    machines = served.call("GET", f"/api/recommendations/{IDENT}/machineReferences").json["value"]
    assert [each["id"] for each in machines] == [sensors[0].device_id]
    assert served.call("GET", "/api/recommendations/sca-_-check-of-nothing").status == 404
    tasks = served.call("GET", "/api/remediationTasks").json["value"]
    assert {(task["scid"], task["category"]) for task in tasks} == {(SSH, "SecurityConfiguration")}
