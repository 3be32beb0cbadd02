"""Reports of wrong findings, and what administrators decide about them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.served import Served

PATH = "/api/v1/inaccuracies"
REPORT = {"ecosystem": "PyPI", "name": "supervisor", "vulnerability": "CVE-2017-11610", "reason": "built without it"}


@pytest.fixture
def loaded(own: Served) -> Served:
    """A server that knows something."""
    own.load_starter()
    return own


def test_a_report_waits_for_a_decision_and_is_decided_once(loaded: Served) -> None:
    kept = loaded.call("POST", PATH, REPORT).json
    assert (kept["state"], kept["status"], kept["introduced"]) == ("proposed", "not_affected", "0")
    assert [one["id"] for one in loaded.call("GET", f"{PATH}?state=proposed").json] == [kept["id"]]
    decision = {"id": kept["id"], "decision": "approved", "note": "checked"}
    decided = loaded.call("POST", f"{PATH}/decisions", decision).json
    assert (decided["state"], decided["note"]) == ("approved", "checked")
    assert loaded.call("GET", f"{PATH}?state=proposed").json == []
    assert loaded.call("POST", f"{PATH}/decisions", decision).status == 409
    assert loaded.call("GET", "/api/v1/admin/check").json["is_exact"] is True


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"vulnerability": "CVE-2099-9999"}, 404),
        ({"reason": " "}, 422),
        ({"status": "perhaps"}, 422),
        ({"end_version": "1"}, 422),
        ({"introduced": "\u0000"}, 422),
        ({"surplus": 1}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused(loaded: Served, fields: dict[str, Any], status: int) -> None:
    assert loaded.call("POST", PATH, REPORT | fields).status == status
    assert loaded.call("GET", PATH).json == []


def test_what_is_not_there_cannot_be_decided(loaded: Served) -> None:
    assert loaded.call("POST", f"{PATH}/decisions", {"id": 9, "decision": "refused"}).status == 404
    assert loaded.call("GET", f"{PATH}?state=odd").status in (400, 422)
