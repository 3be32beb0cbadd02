"""Reports in random order, duplicated, delayed, cut and replayed end in exactly the state of the true inventory.

Each device has a true inventory that changes, and a sensor that follows the protocol (docs/sensor.md): it numbers its
reports, sends differences, and sends everything where the server asks for it. Between the two is a network that does
whatever networks do. What the server keeps is compared with the truth, and its history with the reports it accepted.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.unit.inventory.support import Enrolled, Inventory, delta, device, digest, dpkg, full, identity_of
from weakspot import inventory
from weakspot.inventory import history
from weakspot.inventory.contracts import InstalledSoftware, Report
from weakspot.runtime.clock import SECOND
from weakspot.runtime.errors import ReportSuperseded, ResyncRequired

DEVICES = 5
POOL = [dpkg(f"package{n}", version) for n in range(40) for version in ("1.0-1", "1.1-1", "2.0-1")]
DECODER = msgspec.json.Decoder(Report)


class SensorModel:
    """One device with its truth, and what its sensor believes that the server has."""

    def __init__(self, who: Enrolled, dice: random.Random) -> None:
        self.who = who
        self.dice = dice
        self.truth: dict[tuple[str, ...], InstalledSoftware] = {}
        self.sent: dict[tuple[str, ...], InstalledSoftware] = {}
        self.sequence = 0
        self.needs_full = True

    def change(self) -> None:
        """Install, remove or update a few packages."""
        for item in self.dice.sample(POOL, self.dice.randint(1, 4)):
            name = identity_of(item)
            if name in self.truth:
                del self.truth[name]
            else:
                self.truth[name] = item

    def next_report(self, at: int) -> bytes:
        """What the sensor writes now: a difference from what it sent last, or everything."""
        self.sequence += 1
        before, after = list(self.sent.values()), list(self.truth.values())
        if self.needs_full or self.dice.random() < 0.1:
            made = full(self.who.described, self.sequence, after, at)
        else:
            added = [item for name, item in self.truth.items() if name not in self.sent]
            removed = [item for name, item in self.sent.items() if name not in self.truth]
            made = delta(self.who.described, self.sequence, before, added, removed, at)
        self.sent, self.needs_full = dict(self.truth), False
        return msgspec.json.encode(made)


class Network:
    """Messages on their way: late, twice, cut, out of order; and all that ever passed, to be replayed."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.waiting: list[tuple[SensorModel, bytes]] = []
        self.seen: list[tuple[SensorModel, bytes]] = []

    def post(self, sensor: SensorModel, body: bytes) -> None:
        """Take a message; sometimes twice."""
        for _ in range(2 if self.dice.random() < 0.2 else 1):
            self.waiting.append((sensor, body))
        self.seen.append((sensor, body))

    def deliver(self) -> tuple[SensorModel, bytes]:
        """Any message that waits, or an old one again; sometimes only its beginning arrives."""
        if self.seen and self.dice.random() < 0.15:
            sensor, body = self.dice.choice(self.seen)
        else:
            sensor, body = self.waiting.pop(self.dice.randrange(len(self.waiting)))
        if self.dice.random() < 0.1:
            body = body[: self.dice.randrange(len(body))]
        return sensor, body


@pytest.fixture
def inv(tmp_path: Path) -> Iterator[Inventory]:
    made = Inventory(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    "reports", [400, pytest.param(10_000, marks=[pytest.mark.full, pytest.mark.timeout(900)])], ids=str
)
def test_whatever_the_network_does_the_truth_arrives(inv: Inventory, reports: int) -> None:
    dice = random.Random(reports)
    network = Network(dice)
    sensors = [SensorModel(inv.enrol(device()), random.Random(n)) for n in range(DEVICES)]
    delivered = 0
    while delivered < reports:
        sensor = dice.choice(sensors)
        sensor.change()
        inv.now += SECOND
        network.post(sensor, sensor.next_report(inv.now))
        while network.waiting and dice.random() < 0.6:
            take(inv, *network.deliver())
            delivered += 1
    for sensor in sensors:
        settle(inv, sensor)
        verify(inv, sensor)
    # What is still on its way, and all that ever was, changes nothing any more.
    before = inv.everything()
    for sensor, body in dice.sample(network.seen, min(len(network.seen), 300)):
        take(inv, sensor, body)
    assert inv.everything() == before


def take(inv: Inventory, sensor: SensorModel, body: bytes) -> None:
    """The server's answer to one body, and what the sensor learns from it."""
    try:
        report = DECODER.decode(body)
    except msgspec.DecodeError:
        return
    try:
        inv.record(sensor.who.key, report)
    except ResyncRequired:
        sensor.needs_full = True
    except ReportSuperseded:
        return


def settle(inv: Inventory, sensor: SensorModel) -> None:
    """The network is quiet: what the sensor sends now arrives, and it does as it is told."""
    for _ in range(3):
        inv.now += SECOND
        take(inv, sensor, sensor.next_report(inv.now))
        if not sensor.needs_full:
            return
    raise AssertionError("a full report after a resync must be accepted")


def verify(inv: Inventory, sensor: SensorModel) -> None:
    """The present is the truth; past and present together are what the accepted reports said, without overlap."""
    device_id = sensor.who.id
    state = inv.read(lambda conn: inventory.device_state(conn, device_id))
    assert state is not None
    installed = inv.installed(device_id)
    assert installed.keys() == sensor.truth.keys()
    assert state.digest == digest(sensor.truth.values())
    spans: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for name, first_seen, removed in inv.ended(device_id):
        assert first_seen < removed
        spans.setdefault(name, []).append((first_seen, removed))
    for name, first_seen in installed.items():
        spans.setdefault(name, []).append((first_seen, 1 << 62))
    for intervals in spans.values():
        ordered = sorted(intervals)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ordered))
    assert replayed(inv, device_id) == set(inv.read(lambda conn: inventory.installation_times(conn, device_id)))


def replayed(inv: Inventory, device_id: int) -> set[int]:
    """What the change feed gives, from the first report on."""
    feed: list[Any] = inv.read(lambda conn: history.of_device(conn, device_id))
    now = set(inv.read(lambda conn: inventory.installation_times(conn, device_id)))
    for change in reversed(feed):
        assert not now.intersection(change.removed)
        assert now.issuperset(change.added)
        now = (now - set(change.added)) | set(change.removed)
    first = now
    for change in feed:
        first = (first - set(change.removed)) | set(change.added)
    return first
