from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.unit.sensor.support import ModelClient, ServerModel, make_journal, make_root, problem
from weakspot_sensor import limits
from weakspot_sensor.agent import Agent, Collection, Timing
from weakspot_sensor.collectors import dpkg
from weakspot_sensor.errors import RevokedError
from weakspot_sensor.files import Root
from weakspot_sensor.storage import Storage
from weakspot_sensor.transport import Answer


def _status(*names: str) -> str:
    layout = "Package: {}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n"
    return "\n".join(layout.format(name) for name in names)


class FakeWatcher:
    """Time passes only here; what a test says has changed is told once."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.changed: frozenset[str] = frozenset()

    def mark(self, names: object = None) -> None:
        pass

    def wait(self, seconds: float) -> frozenset[str]:
        changed, self.changed = self.changed, frozenset()
        if not changed:
            self.now += min(seconds, 3600.0) + 0.001
        return changed


class Bench:
    """An agent over a fake device, a model of the server and a clock that a test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = ServerModel()
        self.client = ModelClient(self.server)
        self.install("a", "b")
        self.start()

    def start(self) -> None:
        root = Root(str(self.folder / "root"))
        self.journal = make_journal(Storage(str(self.folder / "state")))
        head = self.journal.head
        collection = Collection(root, head.inventory.values() if head else ())
        self.watcher = FakeWatcher()
        self.agent = Agent(
            collection,
            self.journal,
            self.client,  # type: ignore[arg-type]
            self.watcher,  # type: ignore[arg-type]
            Timing(),
            clock=lambda: 1_700_000_000.0 + self.watcher.now,
            monotonic=lambda: self.watcher.now,
            uniform=lambda: 0.5,
        )
        self.agent.start()

    def install(self, *names: str) -> None:
        make_root(self.folder / "root", {dpkg.STATUS: _status(*names)})

    def change(self, *names: str) -> None:
        self.install(*names)
        self.watcher.changed = frozenset(("dpkg",))

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.agent.step()

    @property
    def names(self) -> set[str]:
        return {key[1] for key in self.server.inventory}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_change_is_reported_as_a_delta(bench: Bench) -> None:
    bench.steps(1)
    assert (bench.names, bench.server.kinds) == ({"a", "b"}, ["full"])
    bench.change("b", "c")
    bench.steps(2)
    assert (bench.names, bench.server.kinds) == ({"b", "c"}, ["full", "delta"])


def test_heartbeats_go_on_and_drift_is_healed(bench: Bench) -> None:
    bench.steps(1)
    bench.server.inventory = {}
    bench.steps(4)
    assert bench.client.sent.count("/api/sensor/v1/heartbeat") >= 1
    assert bench.names == {"a", "b"}


def test_a_server_that_is_away_gets_everything_later(bench: Bench) -> None:
    bench.client.fault = lambda: "lost request"
    bench.steps(5)
    bench.change("a")
    bench.steps(3)
    assert bench.agent.trouble
    bench.client.fault = lambda: ""
    bench.steps(3)
    assert bench.names == {"a"}
    assert bench.agent.trouble == ""
    assert bench.journal.waiting == 0


def test_tries_become_rare_but_a_new_change_is_tried_at_once(bench: Bench) -> None:
    tries: list[float] = []

    def fault() -> str:
        tries.append(bench.watcher.now)
        return "lost request"

    bench.client.fault = fault
    bench.steps(20)
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert gaps == sorted(gaps)
    assert 200 < gaps[-1] < 301
    bench.change("a")
    before = len(tries)
    bench.steps(2)
    assert len(tries) > before


def test_a_server_that_asks_to_wait_is_not_pressed(bench: Bench) -> None:
    tries: list[float] = []

    def post(path: str, payload: bytes, encoding: str = "") -> Answer:
        tries.append(bench.watcher.now)
        return problem(429, "too-many")._replace(retry_after=600.0)

    bench.client.post = post  # type: ignore[method-assign]
    bench.steps(1)
    bench.change("a")
    bench.steps(3)
    assert len(tries) == 2
    assert tries[1] - tries[0] >= 600


def test_a_failed_collector_keeps_what_it_found_before_also_after_a_restart(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.steps(1)
    monkeypatch.setattr(limits, "PACKAGE_DATABASE_BYTES", 1)
    bench.change("a")
    bench.steps(2)
    bench.start()
    bench.steps(2)
    assert bench.names == {"a", "b"}
    monkeypatch.undo()
    bench.change("a")
    bench.steps(2)
    assert bench.names == {"a"}


def test_everything_is_sent_once_a_day(bench: Bench) -> None:
    bench.steps(1)
    start = bench.watcher.now
    while bench.watcher.now < start + 2.5 * 86400:
        bench.steps(1)
    assert bench.server.kinds.count("full") == 3


def test_a_restart_sends_nothing_twice(bench: Bench) -> None:
    bench.steps(1)
    bench.start()
    bench.steps(2)
    assert bench.server.kinds == ["full"]


def test_a_full_disk_is_survived(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.steps(1)

    def fail(self: Storage, name: str, data: bytes, durable: bool = True) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "write", fail)
        bench.change("a")
        bench.steps(2)
        assert "no space left" in bench.agent.trouble
    bench.change("a", "c")
    bench.steps(3)
    assert bench.names == {"a", "c"}


def test_a_report_that_is_refused_for_ever_does_not_flood_the_server(bench: Bench) -> None:
    def post(path: str, payload: bytes, encoding: str = "") -> Answer:
        bench.client.sent.append(path)
        return problem(413, "too-large")

    bench.client.post = post  # type: ignore[method-assign]
    start = bench.watcher.now
    while bench.watcher.now < start + 3600:
        bench.steps(1)
    assert len(bench.client.sent) < 100


def test_a_revoked_key_ends_the_run(bench: Bench) -> None:
    bench.server.key = "another"
    with pytest.raises(RevokedError):
        bench.agent.run()
