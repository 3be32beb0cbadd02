"""Signing in and out; cookies, CSRF, Origin; tokens."""

from __future__ import annotations

import pytest

from tests.support.served import Served
from weakspot import access
from weakspot.runtime.secrets import API_TOKEN, CLI_TOKEN, SESSION, new_secret

LINKS = "/api/v1/admin/sign-in-links"
SESSION_PATH = "/api/v1/session"


def test_a_link_becomes_a_session_once(served: Served) -> None:
    link = served.call("POST", LINKS, {}).json
    assert link["path"] == f"/#token={link['token']}"
    answered = served.client.post(SESSION_PATH, {"token": link["token"]})
    assert answered.status == 200
    assert answered.json["user"] == {"name": "administrator", "role": "administrator"}
    cookie = answered.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/api", "Max-Age=604800"))
    assert "Secure" not in cookie
    again = served.client.post(SESSION_PATH, {"token": link["token"]})
    assert again.status == 401
    assert "set-cookie" not in again.headers
    assert link["token"] not in again.body.decode()


def test_the_session_shows_who_is_signed_in(served: Served) -> None:
    headers = served.sign_in()
    shown = served.client.request("GET", SESSION_PATH, headers={"cookie": headers["cookie"]}).json
    assert shown["csrf_token"] == headers["x-csrf-token"]
    assert shown["is_all_groups"] is True
    assert "ViewData" in shown["permissions"]


def test_signing_out_ends_it(served: Served) -> None:
    headers = served.sign_in()
    assert served.client.request("DELETE", SESSION_PATH, headers=headers).status == 204
    assert served.client.request("GET", SESSION_PATH, headers=headers).status == 401


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"x-csrf-token": ""}, "X-CSRF-Token"),
        ({"x-csrf-token": "wrong"}, "X-CSRF-Token"),
        ({"origin": "http://evil.example"}, "Origin"),
        ({"origin": "http://localhost:9999"}, "Origin"),
        ({"origin": "https://localhost:8484"}, "Origin"),
        ({"origin": "null"}, "Origin"),
        ({"origin": "http://localhost:x"}, "Origin"),
        ({"origin": None}, "Origin"),
        ({"sec-fetch-site": "cross-site"}, "own pages"),
        ({"sec-fetch-site": "same-site"}, "own pages"),
    ],
)
def test_forged_changes_change_nothing(served: Served, change: dict[str, str | None], told: str) -> None:
    headers = served.sign_in()
    forged = {name: value for name, value in (headers | change).items() if value is not None}
    answered = served.client.request("DELETE", SESSION_PATH, headers=forged)
    assert answered.status == 403
    assert told in answered.json["detail"]
    assert served.client.request("GET", SESSION_PATH, headers=headers).status == 200


def test_another_session_s_csrf_token_does_not_fit(served: Served) -> None:
    one, other = served.sign_in(), served.sign_in()
    answered = served.client.request("DELETE", SESSION_PATH, headers=one | {"x-csrf-token": other["x-csrf-token"]})
    assert answered.status == 403


def test_a_foreign_page_cannot_sign_somebody_in(served: Served) -> None:
    link = served.call("POST", LINKS, {}).json
    answered = served.client.post(SESSION_PATH, {"token": link["token"]}, origin="http://evil.example")
    assert answered.status == 403
    form = served.client.request(
        "POST", SESSION_PATH, headers={"content-type": "text/plain"}, body=b'{"token":"%b"}' % link["token"].encode()
    )
    assert form.status == 415
    assert served.client.post(SESSION_PATH, {"token": link["token"]}).status == 200


def test_cookies_are_secure_under_tls(own: Served) -> None:
    own.client.scheme = "https"
    link = own.call("POST", LINKS, {}).json
    answered = own.client.post(SESSION_PATH, {"token": link["token"]})
    assert "; Secure" in answered.headers["set-cookie"]
    assert answered.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer " + "x" * 300,
        f"Bearer {new_secret(API_TOKEN, bytes)}",
        f"Bearer {new_secret(CLI_TOKEN, bytes)}",
        f"Bearer {new_secret(SESSION, bytes)}",
        "Bearer \xff\xfe",
    ],
)
def test_bad_credentials_are_refused_even_where_none_are_needed(served: Served, authorization: str) -> None:
    for path in ("/api/v1/devices", "/api/v1/openapi.json"):
        answered = served.client.get(path, authorization=authorization)
        assert answered.status == 401, path
        assert authorization[8:] == "" or authorization[8:] not in answered.body.decode()


def test_a_session_secret_is_no_bearer_token(served: Served) -> None:
    secret = served.sign_in()["cookie"].partition("=")[2]
    assert served.client.get("/api/v1/devices", authorization=f"Bearer {secret}").status == 401


def test_a_reader_may_look_and_nothing_else(served: Served) -> None:
    reader = served.token(role="reader")
    assert served.client.get("/api/v1/devices", **reader).status == 200
    for path, body in ((LINKS, {}), ("/api/v1/admin/rebuild", {}), ("/api/v1/admin/api-tokens", {"name": "x"})):
        answered = served.client.post(path, body, **reader)
        assert answered.status == 403
        assert "Manage" in answered.json["detail"]
    assert served.client.get("/api/v1/admin/check", **reader).status == 403


def test_a_token_for_one_thing_does_that_thing(served: Served) -> None:
    token = served.token(permissions=["Machine.Read.All"])
    assert served.client.get("/api/machines", **token).status == 200
    assert served.client.get("/api/vulnerabilities", **token).status == 403
    assert served.client.get("/api/v1/devices", **token).status == 403


def test_a_session_ends_by_itself(own: Served) -> None:
    headers = own.sign_in()
    own.clock.forward(12 * 3600)
    assert own.client.request("GET", SESSION_PATH, headers=headers).status == 401


def test_sign_in_is_limited(own: Served) -> None:
    statuses = [own.client.post(SESSION_PATH, {"token": "wsl_guess"}).status for _ in range(31)]
    assert statuses == [401] * 30 + [429]
    own.clock.forward(61)
    assert own.client.post(SESSION_PATH, {"token": "wsl_guess"}).status == 401


def test_what_was_done_is_in_the_audit_log(own: Served) -> None:
    headers = own.sign_in()
    own.client.request("DELETE", SESSION_PATH, headers=headers)
    own.token()
    own.call("POST", "/api/v1/admin/enrolment-tokens", {"name": "sensors"})
    with own.application.database.read() as connection:
        actions = [entry.action for entry in access.audit_entries(connection)]
        assert access.audit_break(connection) is None
    assert actions == [
        "user.create",
        "sign_in_link.issue",
        "session.start",
        "session.end",
        "api_token.create",
        "enrolment_token.issue",
    ]
