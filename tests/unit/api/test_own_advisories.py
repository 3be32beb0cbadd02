"""Own advisories by API: in force before the answer, audited, and only by those who may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.served import Served
from weakspot import access

PATH = "/api/v1/own-advisories"


def advisory(record_id: str = "ACME-2026-1", name: str = "curl", fixed: str = "9") -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "Debian:12", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    }
    head = {"id": record_id, "modified": "2026-01-01T00:00:00Z", "summary": "our build of it is weak"}
    return head | {"affected": [affected]}


def test_an_advisory_is_in_force_before_the_answer(own: Served) -> None:
    before = own.call("GET", "/api/v1/knowledge").json["version"]
    answered = own.call("POST", PATH, advisory())
    assert answered.status == 200, answered.body
    said = answered.json
    assert (said["id"], said["is_new"], said["is_in_force"]) == ("ACME-2026-1", True, True)
    assert said["knowledge_version"] == before + 1
    assert own.call("GET", "/api/v1/weaknesses/ACME-2026-1").status == 200
    assert own.call("POST", PATH, advisory(fixed="10")).json["is_new"] is False
    (row,) = own.call("GET", PATH).json
    assert (row["id"], row["software"]) == ("ACME-2026-1", ["Debian:12/curl"])
    assert own.call("GET", f"{PATH}/ACME-2026-1").json == advisory(fixed="10")
    assert own.call("DELETE", f"{PATH}/ACME-2026-1").json["is_in_force"] is True
    assert own.call("GET", PATH).json == []
    assert own.call("GET", f"{PATH}/ACME-2026-1").status == 404
    assert own.call("DELETE", f"{PATH}/ACME-2026-1").status == 404
    assert own.call("GET", "/api/v1/admin/check").json["is_exact"] is True


def test_what_cannot_be_taken_is_told(own: Served) -> None:
    answered = own.call("POST", PATH, advisory() | {"affected": [{"package": {"ecosystem": 5}}]})
    assert answered.status == 422
    assert answered.json["field"] == "affected[0].package.ecosystem"
    assert own.call("POST", PATH, advisory() | {"summary": "x" * 600_000}).status == 422
    assert own.call("POST", PATH, advisory() | {"summary": "x" * 2_000_000}).status == 413
    assert own.call("GET", PATH).json == []


def test_changes_are_audited(own: Served) -> None:
    own.call("POST", PATH, advisory())
    own.call("DELETE", f"{PATH}/ACME-2026-1")
    with own.application.database.read() as conn:
        found = [entry.action for entry in access.audit_entries(conn)]
    assert {"own_advisory.write", "own_advisory.remove"} <= set(found)


def test_what_is_written_while_feeds_are_loaded_comes_into_force_after(
    own: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weakspot.workflows.written.WAIT_SECONDS", 0.01)
    use_cases = own.application.admin
    with use_cases._busy:
        assert own.call("POST", PATH, advisory()).json["is_in_force"] is False
        use_cases.own.catch_up()
        assert own.call("GET", "/api/v1/weaknesses/ACME-2026-1").status == 404
    use_cases.own.catch_up()
    assert own.call("GET", "/api/v1/weaknesses/ACME-2026-1").status == 200


def test_readers_read_and_do_not_write(own: Served) -> None:
    token = own.call("POST", "/api/v1/admin/api-tokens", {"name": "t", "role": "reader", "days": 1}).json["token"]
    headers = {"authorization": f"Bearer {token}"}
    assert own.client.request("GET", PATH, headers=headers).status == 200
    assert own.client.request("POST", PATH, headers=headers, json_body=advisory()).status == 403
    assert own.client.request("DELETE", f"{PATH}/x", headers=headers).status == 403
