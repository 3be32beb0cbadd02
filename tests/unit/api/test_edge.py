"""The outermost layer: hosts, paths, headers, problems, the console."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.support.served import Served
from weakspot.api import console
from weakspot.api.console import Console
from weakspot.api.headers import NONCE_PLACEHOLDER


@pytest.mark.parametrize("host", ["localhost:8484", "127.0.0.1", "[::1]:8484", "LOCALHOST.", "localhost"])
def test_own_names_are_answered(served: Served, host: str) -> None:
    assert served.client.get("/", host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]", "local\thost"]
)
@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/api/sensor/v1/reports", "/api/machines"])
def test_foreign_names_are_misdirected(served: Served, host: str, path: str) -> None:
    answered = served.client.get(path, host=host)
    assert answered.status == 421
    assert b"WEAKSPOT_ALLOWED_HOSTS" in answered.body


@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/api/v1/openapi.json", "/api/machines", "/api/sensor/v1/x"])
def test_every_answer_has_the_security_headers(served: Served, path: str) -> None:
    answered = served.client.get(path)
    for name, value in {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert answered.headers[name] == value
    assert "frame-ancestors 'none'" in answered.headers["content-security-policy"]
    assert "unsafe" not in answered.headers["content-security-policy"]
    uuid.UUID(answered.headers["x-request-id"])
    names = [name for name, _ in answered.pairs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/nothing", "/api/v2/devices", "/API/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "TRACE", "BREW"])
def test_undeclared_paths_say_nothing_to_strangers(served: Served, path: str, method: str) -> None:
    stranger = served.client.request(method, path)
    assert stranger.status == 401
    assert stranger.headers["www-authenticate"].startswith("Bearer")
    known = served.call(method, path)
    assert known.status == 404
    assert known.headers["content-type"] == "application/problem+json"


def test_methods_that_are_not_there(served: Served) -> None:
    assert served.client.request("PUT", "/api/v1/session").status == 401
    answered = served.call("PATCH", "/api/v1/devices")
    assert answered.status == 405
    assert answered.headers["allow"] == "GET"
    assert served.call("POST", "/some/page").status == 405


def test_a_problem_names_its_request(served: Served) -> None:
    answered = served.call("GET", "/api/v1/devices?colour=red")
    assert answered.json == {
        "type": "https://weakspot.example/problems/bad-query",
        "title": "Bad query",
        "status": 400,
        "detail": answered.json["detail"],
        "instance": f"urn:uuid:{answered.headers['x-request-id']}",
        "field": "colour",
    }
    assert "level" in answered.json["detail"]


def test_a_fault_of_ours_tells_only_the_request_id(own: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret wsa_abcdefghijklmnopqrstuvwxyz")

    own.application.reads.run = lambda _: broken()  # type: ignore[method-assign,assignment,return-value]
    answered = own.call("GET", "/api/v1/devices")
    assert answered.status == 500
    assert b"secret" not in answered.body
    assert answered.headers["x-request-id"] in answered.json["detail"]


@pytest.mark.parametrize("path", ["/api/v1/devices/%00", "/api/v1/devices/%ff", "/%0a", "/" + "x" * 3000])
def test_odd_paths(served: Served, path: str) -> None:
    assert served.call("GET", path).status == 400


def test_head_has_no_body(served: Served) -> None:
    answered = served.client.request("HEAD", "/")
    assert (answered.status, answered.body) == (200, b"")


def test_websockets_are_closed(served: Served) -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    served.client.run(served.application.asgi({"type": "websocket"}, None, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1003}]


def built(folder: Path) -> Console:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(f'<meta name="nonce" content="{NONCE_PLACEHOLDER}"><p>page</p>')
    (folder / "assets" / "app-1.js").write_text("x" * 5000)
    (folder / ".stamp").write_text("hidden")
    numbers = iter(range(100))
    return Console(folder, lambda count: bytes([next(numbers)] * count))


def test_the_page_has_a_fresh_nonce_every_time(tmp_path: Path) -> None:
    served_console = built(tmp_path)
    answers = [served_console.answer("GET", path, {}) for path in ("/", "/devices/1", "/.stamp", "/../secret")]
    assert len({answer.body for answer in answers}) == 4
    for answer in answers:
        nonce = answer.body.split(b'content="')[1].split(b'"')[0].decode()
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert b"hidden" not in answer.body


def test_files_are_cached_for_good_and_compressed(tmp_path: Path) -> None:
    served_console = built(tmp_path)
    plain = served_console.answer("GET", "/assets/app-1.js", {})
    small = served_console.answer("GET", "/assets/app-1.js", {"accept-encoding": "gzip, br"})
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in plain.headers["cache-control"]
    assert len(small.body) < len(plain.body)
    again = served_console.answer("GET", "/assets/app-1.js", {"if-none-match": plain.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert served_console.answer("GET", "/assets/app-0.js", {}).status == 404


def test_without_a_built_console_the_page_says_so(tmp_path: Path) -> None:
    answer = Console(tmp_path, bytes).answer("GET", "/", {})
    assert answer.status == 200
    assert b"make console" in answer.body
    assert console.NOT_BUILT.encode() == answer.body
