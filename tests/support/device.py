"""A device that speaks the sensor's protocol to a real server, one request at a time."""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

from tests.support.server import Reply, ServerProcess
from weakspot.runtime.clock import system_clock, to_iso

IDENTITY = ("type", "name", "version", "architecture", "source_name", "source_version")


class RealDevice:
    """Enrols on first use and keeps its key; ``installed`` is what the server was told last."""

    def __init__(self, server: ServerProcess, name: str) -> None:
        self.server = server
        self.name = name
        self.described = described(name)
        body = {"token": server.enrolment_token(), "device": self.described}
        reply = server.request("POST", "/api/sensor/v1/enrol", body)
        assert reply.status == 200, reply.body
        self.id: str = reply.json["device_id"]
        self.key: str = reply.json["device_key"]
        self.sequence = 0
        self.installed: list[dict[str, Any]] = []

    def full(self, items: Iterable[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        """The next full report."""
        software = list(items)
        return self._report({"kind": "full", "software": software, "digest": digest(software)} | fields)

    def delta(self, added: list[dict[str, Any]], removed: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        """The next delta from what is installed."""
        after = applied(self.installed, added, removed)
        values = {
            "kind": "delta",
            "base_digest": digest(self.installed),
            "digest": digest(after),
            "added": added,
            "removed": [{name: one[name] for name in IDENTITY} for one in removed],
        }
        return self._report(values | fields)

    def send(self, report: Any, **headers: str) -> Reply:
        """Send a report (or anything else) as the sensor does. Raises OSError when nobody answers."""
        return self.send_raw(gzip.compress(json.dumps(report).encode(), 1), **headers)

    def send_raw(self, body: bytes, **headers: str) -> Reply:
        """Send these bytes as the body of a report."""
        given = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in given.items() if value}
        return self.server.request("POST", "/api/sensor/v1/reports", raw=body, headers=kept)

    def report(self, *items: dict[str, Any]) -> Reply:
        """Send a full report that must be accepted."""
        reply = self.send(self.full(items))
        assert reply.status == 200, reply.body
        self.installed = list(items)
        return reply

    def software(self) -> set[tuple[str, str]]:
        """(name, version) that the server shows for this device."""
        found: set[tuple[str, str]] = set()
        page = 1
        while True:
            got = self.server.get(f"/api/v1/devices/{self.id}/software?page={page}&page_size=500")
            found |= {(row["software"]["name"], row["version"]) for row in got["items"]}
            if page * 500 >= got["total"]:
                return found
            page += 1

    def weaknesses(self, state: str = "open") -> set[str]:
        """Names of this device's weaknesses."""
        rows = self.server.get(f"/api/v1/devices/{self.id}/weaknesses?state={state}&page_size=500")["items"]
        return {row["weakness"]["name"] for row in rows}

    def _report(self, fields: dict[str, Any]) -> dict[str, Any]:
        self.sequence += 1
        return {
            "schema": 1,
            "report_id": str(uuid.uuid4()),
            "sequence": self.sequence,
            "observed_at": to_iso(system_clock()),
            "sensor": {"name": "weakspot-sensor", "version": "0.1.0"},
            "device": self.described,
        } | fields


def described(name: str) -> dict[str, Any]:
    """A Debian 12 machine with an identity of its own."""
    return {
        "name": name,
        "os": {"platform": "Linux", "distribution": "debian", "version": "12", "architecture": "x86_64"},
        "hardware_ids": [{"kind": "machine_id", "value": hashlib.sha256(name.encode()).hexdigest()[:32]}],
    }


def package(name: str, version: str = "1.0-1", source: str = "") -> dict[str, Any]:
    """An installed Debian package."""
    values = ("dpkg", name, version, "amd64", source or name, version)
    return dict(zip(IDENTITY, values, strict=True))


def digest(items: Iterable[dict[str, Any]]) -> str:
    """As docs/sensor.md has it."""
    texts = {"\x1f".join(one[name] for name in IDENTITY) for one in items}
    return f"{sum(int(hashlib.sha256(t.encode()).hexdigest(), 16) for t in texts) % 2**256:064x}"


def applied(
    before: list[dict[str, Any]], added: list[dict[str, Any]], removed: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What is installed after a delta."""
    gone = [{name: one[name] for name in IDENTITY} for one in removed]
    return [one for one in before if one not in gone] + [one for one in added if one not in before]
