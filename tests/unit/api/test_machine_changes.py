"""Tags and device value through the compatible API: spec/api.md 7.4, 7.6, 7.7, 7.8."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.served import Served, serving


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str, str]]:
    with serving(tmp_path_factory.mktemp("machines")) as served:
        one, other = served.enrol("one01"), served.enrol("two02")
        served.settle()
        yield served, one.device_id, other.device_id


def test_a_tag_is_added_and_removed_and_the_machine_comes_back(two: tuple[Served, str, str]) -> None:
    served, one, _ = two
    body = {"Value": "tier 1 (web, front)", "Action": "Add"}
    answered = served.call("POST", f"/api/machines/{one}/tags", body)
    assert (answered.status, answered.json["machineTags"]) == (200, ["tier 1 (web, front)"])
    assert answered.json["@odata.context"].endswith("#Machines/$entity")
    removed = served.call("POST", f"/API/v1.0/Machines/{one}/Tags", {**body, "Action": "Remove"})
    assert removed.json["machineTags"] == []


def test_many_machines_at_once_and_the_limit_of_500(two: tuple[Served, str, str]) -> None:
    served, one, other = two
    path = "/api/machines/AddOrRemoveTagForMultipleMachines"
    body = {"Value": "Patch Group", "Action": "Add", "MachineIds": [one, other]}
    answered = served.call("POST", path, body)
    assert [machine["machineTags"] for machine in answered.json["value"]] == [["Patch Group"], ["Patch Group"]]
    too_many = served.call("POST", path, {**body, "MachineIds": [f"{n:040x}" for n in range(501)]})
    assert (too_many.status, too_many.json["error"]["code"]) == (400, "MaximumBatchSizeExceeded")
    assert "501" in too_many.json["error"]["message"]
    assert "500" in too_many.json["error"]["message"]
    unknown = served.call("POST", path, {**body, "MachineIds": [one, "0" * 40]})
    assert (unknown.status, unknown.json["error"]["code"]) == (404, "ResourceNotFound")


def test_find_by_tag_exactly_or_by_its_beginning(two: tuple[Served, str, str]) -> None:
    served, one, _ = two
    served.call("POST", f"/api/machines/{one}/tags", {"Value": "Finance-EU", "Action": "Add"})

    def found(query: str) -> list[str]:
        return [machine["id"] for machine in served.call("GET", f"/api/machines/findbytag?{query}").json["value"]]

    assert found("tag=finance-eu") == [one]
    assert found("tag=Finance") == []
    assert found("tag=Finance&useStartsWithFilter=true") == [one]
    many = served.call("GET", "/api/machines/findbytag?" + "&".join(f"x{n}=1" for n in range(101)))
    assert (many.status, b"at most 100 parts" in many.body) == (400, True)
    missing = served.call("GET", "/api/machines/findbytag")
    assert missing.json["error"]["code"] == "MissingRequiredParameter"


def test_value_and_patch_answer_the_machine_as_it_is_then(two: tuple[Served, str, str]) -> None:
    served, one, _ = two
    answered = served.call("POST", f"/api/machines/{one}/setDeviceValue", {"DeviceValue": "High"})
    assert (answered.status, answered.json["deviceValue"]) == (200, "High")
    patched = served.call("PATCH", "/api/machines/one01", {"deviceValue": "Low", "machineTags": ["b", "a"]})
    assert (patched.json["deviceValue"], patched.json["machineTags"]) == ("Low", ["a", "b"])
    only_value = served.call("PATCH", f"/api/machines/{one}", {"deviceValue": "Normal"})
    assert only_value.json["machineTags"] == ["a", "b"]
    wrong = served.call("POST", f"/api/machines/{one}/setDeviceValue", {"DeviceValue": "Highest"})
    assert wrong.status == 400


def test_a_reader_and_a_foreign_scope_change_nothing(two: tuple[Served, str, str]) -> None:
    served, one, _ = two
    reader = served.token(role="reader")
    body = {"Value": "x", "Action": "Add"}
    refused = served.client.post(f"/api/machines/{one}/tags", body, **reader)
    assert (refused.status, refused.json["error"]["code"]) == (403, "Forbidden")
    narrow = served.token(role="administrator", groups=[77])
    assert served.client.post(f"/api/machines/{one}/tags", body, **narrow).status == 404
    assert "x" not in served.call("GET", f"/api/machines/{one}").json["machineTags"]
