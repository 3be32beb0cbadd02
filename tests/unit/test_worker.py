"""The process that takes what devices send: what it answers itself, and what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.asgi import Client
from tests.support.served import Served, serving
from weakspot.api.intake_process import Work, decoded, encoded
from weakspot.runtime import settings
from weakspot.runtime.tls import TlsFiles
from weakspot.worker import Gate


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "data") as found:
        yield found


@pytest.fixture
def front(served: Served, tmp_path: Path) -> Iterator[Client]:
    """A gate whose server is away."""
    work = Work(settings=served.settings, tls=None, listening=-1, inside=tmp_path / "nobody")
    gate = Gate(served.application.asgi._app._parts.intake, work)  # type: ignore[attr-defined]
    client = Client(gate)
    yield client
    client.run(gate.forward.close())
    client.close()


def test_what_devices_send_is_answered_without_the_server(served: Served, front: Client) -> None:
    sensor = served.enrol()
    document = sensor.document(("curl", "7.88.1-10"))
    answered = front.request("POST", "/api/sensor/v1/reports", headers=sensor.headers, json_body=document)
    assert (answered.status, answered.json["device_id"]) == (200, sensor.device_id)
    assert front.request("POST", "/api/sensor/v1/reports", json_body=document).status == 401
    assert front.request("POST", "/api/agents/glpi").status != 503


@pytest.mark.parametrize("path", ["/", "/api/v1/devices", "/api/machines", "/api/v1/session"])
def test_all_else_is_the_servers(front: Client, path: str) -> None:
    answered = front.get(path)
    assert answered.status == 503
    assert "starting" in answered.body.decode()
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_a_foreign_host_goes_nowhere(front: Client) -> None:
    front.host = "evil.example"
    assert front.get("/").status == 421
    assert front.request("POST", "/api/sensor/v1/reports", json_body={}).status == 421


def test_what_it_is_given_comes_back_as_it_was(tmp_path: Path) -> None:
    files = TlsFiles(certificate=tmp_path / "c", key=tmp_path / "k", authority=None, fingerprint="aa")
    given = settings.load({"WEAKSPOT_ALLOWED_HOSTS": "a.example,b.example"}, data=tmp_path)
    work = Work(settings=given, tls=files, listening=5, inside=tmp_path / "run" / "inside")
    line = encoded(work)
    assert b"\n" not in line
    assert decoded(line) == work
