"""Asking for exports: pages, tokens, refusals."""

from __future__ import annotations

import pytest

from tests.support.served import START, Sensor, Served
from weakspot.api.defender.errors import ODataError
from weakspot.api.defender.exports import parse, token
from weakspot.queries.defender_exports import SLOT, Cursor
from weakspot.runtime.clock import DAY, to_iso

FULL = "/api/machines/SoftwareVulnerabilitiesByMachine"
CHECKS = "/api/machines/SecureConfigurationsAssessmentByMachine"
CHANGES = "/api/machines/SoftwareVulnerabilityChangesByMachine"


def test_pages_lead_on_to_the_end(fleet: tuple[Served, Sensor]) -> None:
    served, sensor = fleet
    first = served.call("GET", FULL)
    assert first.status == 200, first.body
    whole = first.json
    assert whole["@odata.context"].endswith(
        "/api/$metadata#Collection(microsoft.windowsDefenderATP.api.AssetVulnerability)"
    )
    assert "@odata.nextLink" not in whole
    assert {row["deviceId"] for row in whole["value"]} == {sensor.device_id}
    assert {row["rbacGroupName"] for row in whole["value"]} == {"None"}
    found, address = [], f"{FULL}?pageSize=7"
    while address:
        document = served.call("GET", address).json
        assert len(document["value"]) <= 7
        found += document["value"]
        address = document.get("@odata.nextLink", "").removeprefix("http://localhost:8484")
    assert found == whole["value"]
    assert len({row["id"] for row in found}) == len(found) > 7


def test_top_cuts_and_leads_no_further(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    document = served.call("GET", f"{FULL.lower()}?$top=3").json
    assert (len(document["value"]), "@odata.nextLink" in document) == (3, False)


def test_the_export_of_checks(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    answered = served.call("GET", CHECKS.lower())
    assert answered.status == 200, answered.body
    assert answered.json["@odata.context"].endswith("#Collection(microsoft.windowsDefenderATP.api.AssetConfiguration)")
    assert answered.json["value"] == [], "its sensor told no settings"


def test_changes_since_the_beginning_of_the_slot(fleet: tuple[Served, Sensor]) -> None:
    served, _ = fleet
    document = served.call("GET", f"{CHANGES}?sinceTime={to_iso(served.clock.now)}").json
    assert document["value"]
    assert {row["status"] for row in document["value"]} == {"New"}
    assert parse(f"sinceTime={to_iso(START)}".encode(), START, is_delta=True).cursor.since == START - START % SLOT


@pytest.mark.parametrize(
    ("query", "is_delta", "message"),
    [
        ("", True, "sinceTime is needed"),
        ("sinceTime=yesterday", True, "is a time as"),
        (f"sinceTime={to_iso(START - 15 * DAY)}", True, "14 days"),
        (f"sinceTime={to_iso(START + DAY)}", True, "14 days"),
        ("pageSize=0", False, "pageSize"),
        ("pageSize=200001", False, "pageSize"),
        ("$top=-1", False, "top"),
        ("$filter=x", False, "Unknown query option"),
        ("$skiptoken=abc", False, "not one of ours"),
        ("$skiptoken=%C3%A9", False, "not one of ours"),
        (f"$skiptoken={token(Cursor(START, START))}", False, "not of this export"),
        (f"$skiptoken={token(Cursor(START))}", True, "not of this export"),
        (f"$skiptoken={token(Cursor(START + DAY))}", False, "not of this export"),
        (f"$skiptoken={token(Cursor(START, START - 29 * DAY))}", True, "too old"),
    ],
)
def test_what_cannot_be_answered_is_refused(query: str, is_delta: bool, message: str) -> None:
    with pytest.raises(ODataError, match=message):
        parse(query.encode(), START, is_delta=is_delta)
