"""What the sensor's tests share: fake systems, a model of the server's side, a client that talks to it."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from weakspot_sensor import items
from weakspot_sensor.errors import UnreachableError
from weakspot_sensor.files import Root
from weakspot_sensor.journal import Journal
from weakspot_sensor.storage import Storage
from weakspot_sensor.transport import Answer

DEVICE_ID = "d" * 40
KEY = "device-key-1"

_numbers = itertools.count()


def make_root(folder: Path, files: dict[str, str | bytes]) -> Root:
    """A system whose files are those given, by absolute path."""
    for path, content in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return Root(str(folder))


def item(name: str, version: str = "1.0", **more: Any) -> items.Item:
    return items.make("dpkg", name, version, architecture="amd64", **more)


def body(*found: items.Item, name: str = "web01") -> dict[str, Any]:
    """What `collect` would give for a device with these items."""
    inventory = items.merge(found)
    return {
        "device": {"name": name, "os": {"boot_at": None}, "hardware_ids": []},
        "software": list(inventory.values()),
        "collectors": [{"name": "dpkg", "status": "succeeded", "reason": "", "count": len(inventory)}],
        "digest": items.digest(inventory),
    }


def make_journal(storage: Storage) -> Journal:
    return Journal(storage, lambda: 1_700_000_000.0, lambda: f"report-{next(_numbers)}")


def problem(status: int, kind: str, **more: Any) -> Answer:
    address = "https://weakspot.example/problems/" + kind
    return Answer(status, {"type": address, "title": kind, "status": status, **more}, None)


class ServerModel:
    """The server's side of the sensor protocol, as docs/sensor.md states it, in memory."""

    def __init__(self) -> None:
        self.key = KEY
        self.inventory: items.Inventory = {}
        self.has_inventory = False
        self.sequence = 0
        self.applied: list[str] = []
        self.kinds: list[str] = []
        self.refuse_next = 0
        self.seen: dict[int, str] = {}

    @property
    def digest(self) -> str:
        return items.digest(self.inventory)

    def post(self, path: str, payload: bytes, encoding: str = "", key: str = KEY) -> Answer:
        if key != self.key:
            return problem(401, "key-revoked")
        document = json.loads(gzip.decompress(payload) if encoding == "gzip" else payload)
        if path.endswith("/heartbeat"):
            return Answer(200, {"resync": not self.has_inventory or document["digest"] != self.digest}, None)
        return self._report(document)

    def _report(self, report: dict[str, Any]) -> Answer:
        assert self.seen.setdefault(report["sequence"], report["report_id"]) == report["report_id"]
        if report["report_id"] in self.applied[-1:]:
            return self._accepted(report, True)
        if self.refuse_next:
            status, self.refuse_next = self.refuse_next, 0
            return problem(status, "report-refused")
        if report["sequence"] <= self.sequence:
            return problem(409, "report-superseded")
        if report["kind"] == "full":
            after = items.merge(report["software"])
        elif not self.has_inventory or report["base_digest"] != self.digest:
            return problem(409, "resync-required")
        else:
            fields = items.IDENTITY_FIELDS
            removed = [tuple(entry[field] for field in fields) for entry in report["removed"]]
            assert all(key in self.inventory for key in removed)
            after = items.apply(self.inventory, report["added"], removed)
        assert items.digest(after) == report["digest"]
        self.inventory, self.has_inventory, self.sequence = after, True, report["sequence"]
        self.applied.append(report["report_id"])
        self.kinds.append(report["kind"])
        return self._accepted(report, False)

    def _accepted(self, report: dict[str, Any], duplicate: bool) -> Answer:
        document = {
            "device_id": DEVICE_ID,
            "sequence": report["sequence"],
            "duplicate": duplicate,
            "knowledge_version": 1,
            "digest": report["digest"],
        }
        return Answer(200, document, None)


class ModelClient:
    """Has the interface of `transport.Client`; `fault` may fail a request before or after the server has it."""

    def __init__(self, server: ServerModel, key: str = KEY) -> None:
        self.server = server
        self.key = key
        self.fault: Callable[[], str] = lambda: ""
        self.sent: list[str] = []

    def post(self, path: str, payload: bytes, encoding: str = "") -> Answer:
        fault = self.fault()
        if fault == "lost request":
            raise UnreachableError("the request was lost")
        if fault == "error":
            return problem(503, "unavailable")
        self.sent.append(path)
        answer = self.server.post(path, payload, encoding, self.key)
        if fault == "lost answer":
            raise UnreachableError("the answer was lost")
        return answer
