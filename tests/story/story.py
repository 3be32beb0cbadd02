"""The steps: each prints what happened, or fails saying what did not.

A detection arrives on a device with an exploited weakness, its recommendation rises to the top, a request opens a
ticket in a stand-in tracker, the tracker accepts, the devices' next reports show the fix, the activity completes by
itself, the ticket closes, the score drops by what was predicted, and the timeline tells it.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from tests.support import trackers as stand_ins
from tests.support.world import GivenReader
from weakspot import app, workflows
from weakspot.intel.sources.base import Record
from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, Report, SensorInfo
from weakspot.inventory.rules import identity
from weakspot.runtime import settings as settings_module
from weakspot.runtime.clock import system_clock, to_iso

Say = Callable[[str], None]
WITHIN = 2.0
PATIENCE = 30.0
SECRET = stand_ins.StandIn.secret


class NotTold(AssertionError):
    """A step of the story did not happen."""


class Telling:
    """A running server and what the story does with it."""

    def __init__(self, url: str, client: httpx.Client, application: app.Application, say: Say) -> None:
        self.url = url
        self.application = application
        self.say = say
        self._client = client
        self._sequences: dict[str, int] = {}

    def get(self, path: str) -> Any:
        return self._checked(self._client.get(path))

    def post(self, path: str, body: Any) -> Any:
        return self._checked(self._client.post(path, json=body))

    def _checked(self, answered: httpx.Response) -> Any:
        if answered.is_error:
            raise NotTold(f"{answered.request.method} {answered.request.url.path}: {answered.text[:500]}")
        return answered.json()

    def enrol(self, described: DescribedDevice) -> str:
        """A device's key."""
        made = self.post("/api/v1/admin/enrolment-tokens", {"name": described.name[:100], "uses": 1})
        body = {"token": made["token"], "device": msgspec.to_builtins(described)}
        answered = httpx.post(f"{self.url}/api/sensor/v1/enrol", json=body, trust_env=False, timeout=60)
        return str(self._checked(answered)["device_key"])

    def report(self, key: str, described: DescribedDevice, software: Sequence[InstalledSoftware]) -> None:
        """A full report."""
        self._sequences[key] = self._sequences.get(key, 0) + 1
        report = Report(
            schema=1,
            report_id=uuid.uuid4().hex,
            sequence=self._sequences[key],
            kind="full",
            observed_at=to_iso(system_clock()),
            sensor=SensorInfo("story", "1"),
            digest=identity.digest_of(identity.wire_hash(item) for item in software),
            device=described,
            software=tuple(software),
        )
        answered = httpx.post(
            f"{self.url}/api/sensor/v1/reports",
            content=msgspec.json.encode(report),
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            trust_env=False,
            timeout=60,
        )
        self._checked(answered)

    def wait(self, what: str, look: Callable[[], Any], within: float = PATIENCE) -> tuple[Any, float]:
        """(what ``look`` found, after how many seconds). Raises NotTold."""
        started = time.monotonic()
        while True:
            found = look()
            took = time.monotonic() - started
            if found:
                return found, took
            if took > within:
                raise NotTold(f"{what}: not within {within:.0f} s")
            time.sleep(0.02)


@contextmanager
def server(data: Path, say: Say, more: Sequence[Record] = ()) -> Iterator[Telling]:
    """A real server on loopback with the starter knowledge, and with ``more`` as what one further source says."""
    settings = settings_module.load({}, data=data, listen_port=0, feeds_every_hours=0)
    application = app.build(settings)
    ready: threading.Event = threading.Event()
    urls: list[str] = []

    def told(url: str) -> None:
        urls.append(url)
        ready.set()

    running, run = app.start(application, told)
    thread = threading.Thread(target=run, name="story-server")
    thread.start()
    try:
        if not ready.wait(60):
            raise NotTold("the server did not start")
        readers = [*workflows.starter_knowledge()]
        if more:
            readers.append(("osv", lambda _progress: GivenReader("osv", data / "given", more)))
        outcomes = list(workflows.apply_knowledge(application.services, readers, lambda *_: None))
        if {one.status for one in outcomes} != {"succeeded"}:
            raise NotTold("the knowledge was not loaded")
        headers = {"authorization": f"Bearer {application.cli_token}"}
        with httpx.Client(base_url=urls[0], headers=headers, timeout=60, trust_env=False) as client:
            yield Telling(urls[0], client, application, say)
    finally:
        app.stop(running)
        thread.join()


def tell(
    telling: Telling, devices: Sequence[tuple[DescribedDevice, Sequence[InstalledSoftware]]], *, watched: str = ""
) -> None:
    """The story. devices: of which the first gets the detection. watched: product to choose; empty: the most hazardous
    weakness that can be fixed. Raises NotTold.
    """
    say = telling.say
    keys = [telling.enrol(described) for described, _ in devices]
    for key, (described, software) in zip(keys, devices, strict=True):
        telling.report(key, described, software)
    (rows, _) = telling.wait(
        "recommendations", lambda: telling.get("/api/v1/recommendations?page_size=500&sort=-severity")["items"]
    )
    ranked = telling.get("/api/v1/recommendations?page_size=500")["items"]
    rows = [one for one in rows if one["id"] != ranked[0]["id"]] or rows  # one that is not at the top yet
    chosen = next((one for one in rows if watched and one["product"] == watched), rows[0])
    path = f"/api/v1/recommendations/{quote(chosen['id'], safe='')}"
    weakness = telling.get(f"{path}/weaknesses?page_size=1")["items"][0]
    order = [one["id"] for one in ranked]
    say(f"{len(devices)} devices; {len(order)} recommendations; '{chosen['title']}' is number "
        f"{order.index(chosen['id']) + 1}")  # fmt: skip

    event = {
        "id": "story-1", "title": "Exploit attempt", "severity": "critical", "device": {"name": devices[0][0].name},
        "vulnerability": weakness["name"],
    }  # fmt: skip
    detection = telling.post("/api/v1/detections/generic", event)["ids"][0]

    def top() -> Any:
        first = telling.get("/api/v1/weaknesses?page_size=1&detection=active")["items"]
        row = next(
            one for one in telling.get("/api/v1/recommendations?page_size=500")["items"] if one["id"] == chosen["id"]
        )
        return row if first and first[0]["name"] == weakness["name"] and row["has_active_detection"] else None

    row, took = telling.wait("the recommendation carries the breach insight", top, WITHIN)
    shown = telling.get(f"/api/v1/detections/{detection}")
    if not any(one["is_raised"] for one in shown["reasons"]):
        raise NotTold("the detection gives no reason that raises")
    now = telling.get("/api/v1/recommendations?page_size=500")["items"]
    position = [one["id"] for one in now].index(chosen["id"])
    if position > order.index(chosen["id"]) or row["impact"] <= chosen["impact"]:
        raise NotTold(f"'{chosen['title']}' did not rise: it is number {position + 1}")
    where = "at the top" if position == 0 else f"number {position + 1}"
    say(f"a detection names {weakness['name']}: '{row['title']}' is {where} after {took:.2f} s, with the reason shown; "
        f"worth {row['impact']:.2f} points now, {chosen['impact']:.2f} before")  # fmt: skip
    for one in now[:position]:
        _say_why_above(say, one, row)

    tracker = stand_ins.GitHubStandIn()
    try:
        _remediate(telling, tracker, chosen, keys, devices)
    finally:
        tracker.stop()


def _say_why_above(say: Say, above: dict[str, Any], row: dict[str, Any]) -> None:
    """Only what takes more off the score may stand above what a detection raises."""
    if above["impact"] <= row["impact"]:
        raise NotTold(f"'{above['title']}' stands above '{row['title']}' and is worth no more")
    say(f"  above it stands '{above['title']}', worth {above['impact']:.2f} points: {above['weaknesses']} weaknesses "
        f"on {above['exposed_devices']} devices")  # fmt: skip


def _remediate(
    telling: Telling,
    tracker: stand_ins.GitHubStandIn,
    chosen: dict[str, Any],
    keys: Sequence[str],
    devices: Sequence[tuple[DescribedDevice, Sequence[InstalledSoftware]]],
) -> None:
    say = telling.say
    settings = {"repository": "acme/fixes", "url": tracker.url, "token": SECRET, "webhook_secret": SECRET}
    connected = telling.post("/api/v1/remediation/trackers", {"name": "fixes", "kind": "github", "settings": settings})
    detail = telling.get(f"/api/v1/recommendations/{quote(chosen['id'], safe='')}")
    before = telling.get("/api/v1/dashboard")["exposure_score"]
    asked = {"recommendation_ids": [chosen["id"]], "tracker_id": connected["id"], "notes": "from the story"}
    activity = telling.post("/api/v1/remediation/activities", asked)[0]
    path = f"/api/v1/remediation/activities/{activity['id']}"
    _, took = telling.wait("a ticket", lambda: telling.get(path)["tickets"][0]["remote_id"])
    (number,) = tracker.tickets
    say(f"a request for {activity['target_devices']} devices opened ticket {number} after {took:.2f} s; "
        f"the score should fall by {activity['predicted_impact']:.6f}")  # fmt: skip

    tracker.tickets[number]["assignees"] = [{"login": "fixer"}]
    _call_back(telling, connected, {"action": "assigned", "issue": tracker.tickets[number]})
    telling.wait("acceptance", lambda: telling.get(path)["activity"]["ticket_state"] == "Accepted")
    say("the tracker accepted, by a signed callback")

    targets = {(one["software"], one["version"]): one["target_version"] for one in detail["targets"]}
    for key, (described, software) in zip(keys, devices, strict=True):
        telling.report(key, described, [_moved(item, targets) for item in software])
    say("the devices' next reports show the new version")
    done, took = telling.wait(
        "completion", lambda: (found := telling.get(path)["activity"])["status"] == "Completed" and found
    )
    if (done["completed_by"], done["fixed_devices"]) != ("System confirmation", activity["target_devices"]):
        raise NotTold(f"completed by {done['completed_by']} with {done['fixed_devices']} fixed devices")
    say(f"the activity completed by itself ({done['completed_by']}) after {took:.2f} s")

    telling.wait("the ticket closes", lambda: tracker.tickets[number]["state"] == "closed")
    if len(tracker.tickets) != 1:
        raise NotTold(f"{len(tracker.tickets)} tickets")
    say(f"ticket {number} is closed")

    after = telling.get("/api/v1/dashboard")["exposure_score"]
    if abs((before - after) - activity["predicted_impact"]) > 1e-9:
        raise NotTold(f"the score fell by {before - after}, predicted were {activity['predicted_impact']}")
    say(f"the score fell from {before:.6f} to {after:.6f}: by exactly what was predicted")

    def events() -> Any:
        rows = telling.get("/api/v1/timeline?page_size=100&event=remediation")["items"]
        return [one["text"] for one in rows if "ompleted" in one["text"]] or None

    told, _ = telling.wait("the timeline", events)
    say(f"the timeline tells it: {told[0]}")


def _moved(item: InstalledSoftware, targets: dict[tuple[str, str], str | None]) -> InstalledSoftware:
    target = targets.get((item.name, item.version))
    if not target:
        return item
    return msgspec.structs.replace(item, version=target, source_version=target if item.source_version else "")


def _call_back(telling: Telling, connected: dict[str, Any], document: Any) -> None:
    body = msgspec.json.encode(document)
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answered = httpx.post(
        f"{telling.url}{connected['callback_path']}",
        content=body,
        headers={"x-hub-signature-256": signature, "content-type": "application/json"},
        trust_env=False,
    )
    if answered.status_code != 200:
        raise NotTold(f"the callback was answered {answered.status_code}: {answered.text[:300]}")
