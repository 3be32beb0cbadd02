from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sensor import http_support
from tests.unit.sensor.support import DEVICE_ID, KEY, problem
from weakspot_sensor import enrolment
from weakspot_sensor.backoff import Backoff
from weakspot_sensor.enrolment import Identity
from weakspot_sensor.errors import SettingsError, UnreachableError
from weakspot_sensor.storage import Storage
from weakspot_sensor.transport import Answer, Server

TOKEN = "good-token-0123456789"
PENDING = Answer(202, {"approval": "pending"}, None)


@pytest.fixture
def loopback() -> Iterator[http_support.LoopbackServer]:
    with http_support.running() as server:
        yield server


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def _enrol(server: Server, token: str = TOKEN, known: Identity | None = None, patience: float = 100.0) -> Identity:
    time = Time()
    return enrolment.enrol(
        server, token, {"name": "web01"}, known, patience, Backoff(lambda: 0.5), "", time.sleep, time
    )


def test_a_token_gives_a_key(loopback: http_support.LoopbackServer) -> None:
    identity = _enrol(Server(loopback.url))
    assert (identity.device_id, identity.device_key) == (DEVICE_ID, KEY)
    path, headers, payload = loopback.requests[0]
    assert path == "/api/sensor/v1/enrol"
    assert json.loads(payload) == {"token": TOKEN, "device": {"name": "web01"}}
    assert "authorization" not in headers


def test_a_device_proposes_the_same_key_until_it_is_enrolled(
    loopback: http_support.LoopbackServer, tmp_path: Path
) -> None:
    with Storage(str(tmp_path / "state")) as storage:
        proposed = enrolment.proposed_key(storage)
        assert proposed.startswith("wsd_")
        assert enrolment.proposed_key(storage) == proposed
        time = Time()
        enrolment.enrol(
            Server(loopback.url),
            TOKEN,
            {"name": "web01"},
            None,
            100.0,
            Backoff(lambda: 0.5),
            proposed,
            time.sleep,
            time,
        )
        assert json.loads(loopback.requests[0][2])["device_key"] == proposed
        enrolment.forget_proposed(storage)
        assert enrolment.proposed_key(storage) != proposed


def test_a_refused_token_ends_it_at_once(loopback: http_support.LoopbackServer) -> None:
    with pytest.raises(SettingsError, match="the token has expired"):
        _enrol(Server(loopback.url), "bad-token-0123456789")
    assert len(loopback.requests) == 1


def test_a_known_device_proves_itself_with_its_old_key(loopback: http_support.LoopbackServer) -> None:
    _enrol(Server(loopback.url), known=Identity(DEVICE_ID, "old key", Server(loopback.url)))
    assert loopback.requests[0][1]["authorization"] == "Bearer old key"


def test_an_old_key_that_is_refused_is_left_out(loopback: http_support.LoopbackServer) -> None:
    loopback.enrol_answers = [problem(401, "key-revoked")]
    assert _enrol(Server(loopback.url), known=Identity(DEVICE_ID, "old key", Server(loopback.url))).device_key == KEY
    assert "authorization" not in loopback.requests[1][1]


def test_the_old_key_of_another_server_is_never_sent(loopback: http_support.LoopbackServer) -> None:
    _enrol(Server(loopback.url), known=Identity(DEVICE_ID, "old key", Server("https://elsewhere.example")))
    assert all("authorization" not in headers for _, headers, _ in loopback.requests)


def test_a_takeover_that_an_administrator_rejected_ends_it(loopback: http_support.LoopbackServer) -> None:
    loopback.enrol_answers = [PENDING, problem(409, "device-known", detail="an administrator rejected the takeover")]
    with pytest.raises(SettingsError, match="rejected the takeover"):
        _enrol(Server(loopback.url))


def test_approval_is_waited_for(loopback: http_support.LoopbackServer) -> None:
    loopback.enrol_answers = [PENDING] * 3
    assert _enrol(Server(loopback.url)).device_key == KEY
    assert len(loopback.requests) == 4


def test_patience_ends(loopback: http_support.LoopbackServer) -> None:
    loopback.enrol_answers = [PENDING] * 50
    with pytest.raises(UnreachableError, match="administrator has to approve"):
        _enrol(Server(loopback.url))
    assert len(loopback.requests) < 12


def test_faults_are_tried_again(loopback: http_support.LoopbackServer) -> None:
    loopback.plan = ["500", "html", "drop after"]
    assert _enrol(Server(loopback.url)).device_key == KEY


def test_the_identity_is_kept_private(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "state"))
    identity = Identity(DEVICE_ID, KEY, Server("https://host", "PEM", ""))
    enrolment.save(storage, identity)
    assert enrolment.load(storage) == identity
    assert (tmp_path / "state/identity.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"device_id": 1}', b"\xff"])
def test_a_damaged_identity_is_none(tmp_path: Path, content: bytes) -> None:
    storage = Storage(str(tmp_path))
    storage.write("identity.json", content)
    assert enrolment.load(storage) is None
