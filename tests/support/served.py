"""A whole application in a temporary data folder, with a small fleet reported through the sensors' own
calls.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.asgi import Answered, Client
from tests.support.databases import database_url, is_postgresql
from weakspot import app as composition
from weakspot.runtime import migrate
from weakspot.runtime import settings as settings_module
from weakspot.runtime.clock import SECOND, to_iso
from weakspot.runtime.database import sqlite_url

START = 1_790_000_000 * SECOND


@functools.cache
def migrated() -> bytes:
    """An empty database of this version, made once for each process of tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        migrate.upgrade(sqlite_url(path))
        return path.read_bytes()


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)


class Served:
    """An application, a client without credentials, and what tests do often."""

    def __init__(self, data: Path, **overrides: Any) -> None:
        self.clock = Clock()
        if is_postgresql() and "database_url" not in overrides:
            overrides["database_url"] = database_url(data, "served", lambda made: migrate.upgrade(made.url))
        self.settings = settings_module.load({}, data=data, read_threads=2, **overrides)
        data.mkdir(parents=True, exist_ok=True)
        if self.settings.url == sqlite_url(data / "weakspot.db") and not (data / "weakspot.db").exists():
            (data / "weakspot.db").write_bytes(migrated())
        self.application = composition.build(self.settings, clock=self.clock)
        self.client = Client(self.application.asgi)
        self.client.run(self.application.hub.start())

    @property
    def admin(self) -> dict[str, str]:
        """Headers of the command line."""
        return {"authorization": f"Bearer {self.application.cli_token}"}

    def close(self) -> None:
        """End it all."""
        self.client.run(self.application.hub.close())
        self.client.close()
        self.application.close()

    def settle(self) -> None:
        """Wait until the index shows everything that is committed."""
        with self.application.database.read() as connection:
            from weakspot.runtime import changes

            seq = changes.last_seq(connection)
        assert self.application.follower.fleet.wait_for(seq, 10)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answered:
        """A request as the command line."""
        return self.client.request(method, path, headers={**self.admin, **(headers or {})}, json_body=body)

    def sign_in(self, user: str | None = None) -> dict[str, str]:
        """Headers of a signed-in browser, CSRF token and Origin included."""
        link = self.call("POST", "/api/v1/admin/sign-in-links", {"user": user} if user else {}).json
        answered = self.client.post("/api/v1/session", {"token": link["token"]})
        assert answered.status == 200, answered.body
        cookie = answered.headers["set-cookie"].partition(";")[0]
        return {
            "cookie": cookie,
            "x-csrf-token": answered.json["csrf_token"],
            "origin": f"{self.client.scheme}://{self.client.host}",
        }

    def token(self, **request: Any) -> dict[str, str]:
        """Headers of a new API token."""
        made = self.call("POST", "/api/v1/admin/api-tokens", {"name": "test", **request})
        assert made.status == 200, made.body
        return {"authorization": f"Bearer {made.json['token']}"}

    def load_starter(self) -> None:
        """Load the starter knowledge."""
        from weakspot import workflows

        outcomes = workflows.apply_knowledge(self.application.services, workflows.starter_knowledge(), lambda *_: None)
        assert [outcome.status for outcome in outcomes] == ["succeeded"]

    def enrol(self, name: str = "web01") -> Sensor:
        """A sensor with its key."""
        made = self.call("POST", "/api/v1/admin/enrolment-tokens", {"name": "t", "uses": 1}).json
        described = device(name)
        answered = self.client.post("/api/sensor/v1/enrol", {"token": made["token"], "device": described})
        assert answered.status == 200, answered.body
        return Sensor(self, name, answered.json["device_id"], answered.json["device_key"])


class Sensor:
    """One device's sensor."""

    def __init__(self, served: Served, name: str, device_id: str, key: str) -> None:
        self.served = served
        self.device_id = device_id
        self.headers = {"authorization": f"Bearer {key}"}
        self._name = name
        self._sequence = 0
        self.activity_id = ""
        """Of a remediation activity about it, where a test made one."""

    def document(self, *packages: tuple[str, str]) -> dict[str, Any]:
        """The next full report: (name, version) of Debian packages."""
        self._sequence += 1
        items = [item(name, version) for name, version in packages]
        return {
            "schema": 1,
            "report_id": str(uuid.uuid4()),
            "sequence": self._sequence,
            "kind": "full",
            "observed_at": to_iso(self.served.clock()),
            "sensor": {"name": "weakspot-sensor", "version": "0.1.0"},
            "digest": digest(items),
            "device": device(self._name),
            "software": items,
        }

    def report(self, *packages: tuple[str, str]) -> None:
        """Send a full report."""
        body = self.document(*packages)
        answered = self.served.client.request("POST", "/api/sensor/v1/reports", headers=self.headers, json_body=body)
        assert answered.status == 200, answered.body


def device(name: str) -> dict[str, Any]:
    """A Debian 12 machine."""
    return {
        "name": name,
        "domain": "example.org",
        "os": {
            "platform": "Linux",
            "distribution": "debian",
            "version": "12",
            "version_full": "12.5",
            "architecture": "x86_64",
        },
        "hardware_ids": [{"kind": "machine_id", "value": hashlib.md5(name.encode()).hexdigest()}],
        "interfaces": [{"name": "eth0", "mac": "02:00:00:00:00:01", "addresses": ["192.0.2.7/24"], "state": "up"}],
    }


def item(name: str, version: str) -> dict[str, Any]:
    """An installed Debian package."""
    return {
        "type": "dpkg",
        "name": name,
        "version": version,
        "architecture": "amd64",
        "source_name": name,
        "source_version": version,
    }


def digest(items: list[dict[str, Any]]) -> str:
    """As docs/sensor.md has it."""
    names = ("type", "name", "version", "architecture", "source_name", "source_version")
    hashes = (hashlib.sha256("\x1f".join(one[name] for name in names).encode()).hexdigest() for one in items)
    return f"{sum(int(one, 16) for one in hashes) % 2**256:064x}"


@contextlib.contextmanager
def serving(data: Path, **overrides: Any) -> Iterator[Served]:
    """An application for the time of a with block."""
    served = Served(data, **overrides)
    try:
        yield served
    finally:
        served.close()
