"""Tokens of programs over HTTP: listed without secrets, revoked at once (spec/features.md 20)."""

from __future__ import annotations

from typing import Any

from tests.support.served import Served
from weakspot import access

TOKENS = "/api/v1/admin/api-tokens"


def listed(served: Served) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in served.call("GET", TOKENS).json}


def test_a_token_is_listed_without_its_secret_and_revoked_at_once(own: Served) -> None:
    headers = own.token(name="importer", groups=[1], permissions=["ViewData"])
    answered = own.call("GET", TOKENS)
    assert headers["authorization"].removeprefix("Bearer ") not in answered.body.decode()
    row = listed(own)["importer"]
    assert (row["role"], row["permissions"], row["groups"], row["state"]) == ("reader", ["ViewData"], [1], "good")
    assert own.client.get("/api/v1/devices", **headers).status == 200
    assert own.call("DELETE", f"{TOKENS}/{row['id']}").status == 204
    assert own.client.get("/api/v1/devices", **headers).status == 401
    after = listed(own)["importer"]
    assert after["state"] == "revoked"
    assert after["revoked_at"] is not None
    with own.application.database.read() as conn:
        lines = [one for one in access.audit_entries(conn) if one.action == "api_token.revoke"]
    assert [one.target for one in lines] == [f"api_token:{row['id']}"]


def test_a_token_expires(own: Served) -> None:
    own.token(name="short", days=1)
    own.clock.forward(2 * 86_400)
    assert listed(own)["short"]["state"] == "expired"


def test_only_who_manages_the_system_sees_and_revokes(own: Served) -> None:
    reader = own.token(name="reader")
    number = listed(own)["reader"]["id"]
    assert own.client.get(TOKENS, **reader).status == 403
    assert own.client.request("DELETE", f"{TOKENS}/{number}", headers=reader).status == 403
    for wrong in ("0", "999", "x"):
        assert own.call("DELETE", f"{TOKENS}/{wrong}").status == 404
    own.call("DELETE", f"{TOKENS}/{number}")
    assert own.call("DELETE", f"{TOKENS}/{number}").status == 404
