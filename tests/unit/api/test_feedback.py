"""Wishes for support and reports about software or numbers, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.served import Served
from tests.unit.api.test_roles import person

PATH = "/api/v1/feedback"
WISH = {"kind": "support_wish", "subject_kind": "vulnerability", "subject": "cve-2023-38545"}


@pytest.fixture
def loaded(own: Served) -> Served:
    own.load_starter()
    own.enrol().report(("curl", "7.88.1-10"))
    own.settle()
    return own


def test_a_wish_for_support_is_recorded_and_seen_by_administrators_alone(loaded: Served) -> None:
    """spec/features.md 11.3: "Please support this CVE when unsupported (a local vote/request in our case)"."""
    reader = person(loaded, "reader", "reader")
    asked = loaded.client.request("POST", PATH, headers=reader, json_body=WISH)
    assert (asked.status, asked.json["subject"], asked.json["state"]) == (200, "CVE-2023-38545", "open")
    assert loaded.client.get(PATH, **reader).status == 403
    (row,) = loaded.call("GET", f"{PATH}?state=open&kind=support_wish").json
    assert row["author"].endswith(":reader")
    decision = {"id": row["id"], "decision": "done", "note": "there is a source now"}
    assert loaded.client.request("POST", f"{PATH}/decisions", headers=reader, json_body=decision).status == 403
    assert loaded.call("POST", f"{PATH}/decisions", decision).json["state"] == "done"
    assert loaded.call("POST", f"{PATH}/decisions", decision).status == 409
    assert loaded.call("GET", f"{PATH}?state=open").json == []


@pytest.mark.parametrize(
    ("kind", "subject_kind", "subject"),
    [
        ("software_detail", "software", "debian-_-curl"),  # "a software detail is wrong"
        ("not_installed", "software", "debian-_-curl"),  # "not installed on any device here"
        ("device_count", "recommendation", "va-_-debian-_-curl"),  # "number of installed or exposed devices is wrong"
    ],
)
def test_an_inaccuracy_of_software_or_a_recommendation_waits_for_review(
    loaded: Served, kind: str, subject_kind: str, subject: str
) -> None:
    """spec/features.md 6.8: "From recommendation (three-dot menu), CVE and software flyouts"; "store locally as a
    review queue".
    """
    body = {"kind": kind, "subject_kind": subject_kind, "subject": subject, "text": "it is not so"}
    assert loaded.call("POST", PATH, body).status == 200
    (row,) = loaded.call("GET", PATH).json
    assert (row["kind"], row["subject"], row["text"]) == (kind, subject, "it is not so")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"subject": "CVE-2099-99999"}, 404),
        ({"kind": "not_installed"}, 422),
        ({"kind": "other", "subject_kind": "software", "subject": "nobody-_-nothing", "text": "x"}, 404),
        ({"kind": "praise"}, 422),
        ({"surplus": 1}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused(loaded: Served, fields: dict[str, Any], status: int) -> None:
    assert loaded.call("POST", PATH, WISH | fields).status == status
    assert loaded.call("GET", PATH).json == []


def test_what_is_outside_the_scope_cannot_be_named(loaded: Served) -> None:
    stranger = person(loaded, "stranger", "reader", [])
    body = {"kind": "other", "subject_kind": "software", "subject": "debian-_-curl", "text": "is it there?"}
    assert loaded.client.request("POST", PATH, headers=stranger, json_body=body).status == 404
