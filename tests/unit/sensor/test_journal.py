from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sensor.support import ModelClient, ServerModel, body, item, make_journal, problem
from weakspot_sensor import delivery, items, limits, reports
from weakspot_sensor.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "state"))


def test_first_report_is_full_and_the_next_a_delta(storage: Storage) -> None:
    journal, server = make_journal(storage), ServerModel()
    client = ModelClient(server)
    assert journal.record(body(item("a"), item("b"))) == 1
    assert delivery.deliver(journal, client).delivered
    assert journal.record(body(item("b"), item("c"), item("d", "2"), item("e"))) == 2
    assert delivery.deliver(journal, client).delivered
    assert server.kinds == ["full", "delta"]
    assert {key[1] for key in server.inventory} == {"b", "c", "d", "e"}


def test_nothing_new_writes_nothing(storage: Storage) -> None:
    journal = make_journal(storage)
    journal.record(body(item("a")))
    assert journal.record(body(item("a"))) is None
    assert journal.waiting == 1


def test_changed_evidence_alone_is_reported_with_an_unchanged_digest(storage: Storage) -> None:
    journal, server = make_journal(storage), ServerModel()
    journal.record(body(item("a"), item("b")))
    journal.record(body(item("a", path="/opt/a"), item("b")))
    assert delivery.deliver(journal, ModelClient(server)).delivered
    assert server.kinds == ["full", "delta"]
    assert next(iter(server.inventory.values()))["paths"] == ["/opt/a"]


def test_changed_device_facts_alone_are_reported(storage: Storage) -> None:
    journal = make_journal(storage)
    journal.record(body(item("a")))
    assert journal.record(body(item("a"), name="renamed")) == 2


def test_deltas_survive_a_restart(storage: Storage) -> None:
    server = ServerModel()
    journal = make_journal(storage)
    journal.record(body(item("a"), item("b")))
    assert delivery.deliver(journal, ModelClient(server)).delivered
    journal.record(body(item("a")))
    again = make_journal(storage)
    assert again.waiting == 1
    again.record(body(item("a"), item("c")))
    assert delivery.deliver(again, ModelClient(server)).delivered
    assert server.kinds == ["full", "delta", "delta"]


def test_a_sequence_is_never_given_twice(storage: Storage) -> None:
    journal = make_journal(storage)
    assert journal.record(body(item("a"))) == 1
    journal.resync()
    assert make_journal(storage).record(body(item("a"))) == 2


def test_what_is_confirmed_and_still_in_the_spool_is_not_sent_again(storage: Storage) -> None:
    crashing, server = CrashingStorage(storage.folder), ServerModel()
    journal = make_journal(crashing)
    journal.record(body(item("a")))
    crashing.steps_left = 2
    with pytest.raises(CrashError):
        delivery.deliver(journal, ModelClient(server))  # type: ignore[arg-type]
    assert storage.names("spool") != []
    again = make_journal(storage)
    assert (again.waiting, storage.names("spool")) == (0, [])
    assert again.record(body(item("a"))) is None


def test_a_full_spool_collapses_into_one_full_report(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SPOOL_REPORTS", 3)
    journal, server = make_journal(storage), ServerModel()
    for number in range(6):
        journal.record(body(*(item(f"p{place}") for place in range(number + 1))))
        assert journal.waiting <= 3
    assert delivery.deliver(journal, ModelClient(server)).delivered
    assert len(server.inventory) == 6
    assert storage.names("spool") == []


@pytest.mark.parametrize("damage", [b"", b"not gzip", reports.encode({"kind": "delta"})])
def test_a_damaged_spool_is_replaced_by_a_full_report(storage: Storage, damage: bytes) -> None:
    journal, server = make_journal(storage), ServerModel()
    journal.record(body(item("a"), item("x")))
    journal.record(body(item("b"), item("x")))
    journal.record(body(item("c"), item("x")))
    storage.write("spool/" + storage.names("spool")[1], damage)
    again = make_journal(storage)
    assert again.needs_full
    again.record(body(item("c")))
    assert delivery.deliver(again, ModelClient(server)).delivered
    assert {key[1] for key in server.inventory} == {"c"}


@pytest.mark.parametrize("damage", [b"", b"[]", reports.encode({"digest": "0" * 64, "software": [item("a")]})])
def test_a_damaged_memory_starts_again_with_a_full_report(storage: Storage, damage: bytes) -> None:
    journal, server = make_journal(storage), ServerModel()
    journal.record(body(item("a")))
    assert delivery.deliver(journal, ModelClient(server)).delivered
    storage.write("confirmed.json.gz", damage)
    again = make_journal(storage)
    assert again.confirmed is None
    assert again.record(body(item("a"))) == 2
    assert delivery.deliver(again, ModelClient(server)).delivered


def test_a_restored_folder_catches_up_with_the_servers_sequence(storage: Storage) -> None:
    journal, server = make_journal(storage), ServerModel()
    server.sequence = 5_000
    client = ModelClient(server)
    for _ in range(30):
        journal.record(body(item("a")), full=journal.needs_full)
        if delivery.deliver(journal, client).delivered:
            break
    assert {key[1] for key in server.inventory} == {"a"}
    assert len(client.sent) < 15


def test_the_servers_own_number_is_taken_over_when_it_names_it(storage: Storage) -> None:
    journal = make_journal(storage)
    journal.record(body(item("a")))
    journal.supersede(1_000_000)
    assert journal.record(body(item("a"))) == 1_000_001


def test_refused_reports_are_kept_with_the_answer_and_bounded(storage: Storage) -> None:
    journal = make_journal(storage)
    for number in range(limits.REFUSED_REPORTS + 5):
        journal.record(body(item(f"p{number}")))
        first = journal.first()
        assert first is not None
        journal.refuse(first, problem(422, "report-refused").document)
    names = storage.names("spool/refused")
    assert len(names) == 2 * limits.REFUSED_REPORTS
    assert b"report-refused" in (storage.read("spool/refused/" + names[0]) or b"")


class CrashError(Exception):
    pass


class CrashingStorage(Storage):
    """Ends the process before or after one of its next writes; the files stay as they are then."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.steps_left = -1

    def _step(self) -> None:
        if self.steps_left == 0:
            raise CrashError
        self.steps_left -= 1

    def write(self, name: str, data: bytes, durable: bool = True) -> None:
        self._step()
        super().write(name, data, False)
        self._step()

    def remove(self, name: str) -> None:
        self._step()
        (Path(self.folder) / name).unlink(missing_ok=True)
        self._step()


_NAMES = st.sampled_from("abcdef")
_FAULTS = st.sampled_from(["", "", "", "lost request", "lost answer", "error"])
_STEP = st.one_of(
    st.tuples(st.just("install"), _NAMES, st.sampled_from(["1", "2"])),
    st.tuples(st.just("remove"), _NAMES),
    st.tuples(st.just("touch"), _NAMES),
    st.tuples(st.just("deliver"), st.lists(_FAULTS, max_size=4)),
    st.tuples(st.just("crash"), st.integers(0, 12)),
    st.tuples(st.just("restart")),
    st.tuples(st.just("heartbeat")),
    st.tuples(st.just("refuse"), st.sampled_from([413, 422])),
    st.tuples(st.just("server loses data")),
    st.tuples(st.just("full")),
)


class Device:
    """A sensor over a simulated device, with the loop of the agent reduced to its decisions."""

    def __init__(self, folder: str, server: ServerModel) -> None:
        self.folder = folder
        self.client = ModelClient(server)
        self.installed: dict[str, tuple[str, str]] = {}
        self.start()

    def start(self) -> None:
        self.storage = CrashingStorage(self.folder)
        self.journal = make_journal(self.storage)

    def observe(self, full: bool = False) -> None:
        found = (item(name, version, path=path) for name, (version, path) in self.installed.items())
        self.journal.record(body(*found), full)

    def deliver(self, faults: list[str]) -> bool:
        left = list(faults)
        self.client.fault = lambda: left.pop(0) if left else ""
        for _ in range(4):
            if self.journal.needs_full:
                self.observe(full=True)
            outcome = delivery.deliver(self.journal, self.client)  # type: ignore[arg-type]
            if outcome.delivered:
                return True
            if not outcome.needs_full:
                return False
        return False

    def act(self, step: tuple) -> None:  # type: ignore[type-arg]
        kind, *rest = step
        if kind == "install":
            self.installed[rest[0]] = (rest[1], "/a")
        elif kind == "remove":
            self.installed.pop(rest[0], None)
        elif kind == "touch" and rest[0] in self.installed:
            self.installed[rest[0]] = (self.installed[rest[0]][0], "/b")
        elif kind == "deliver":
            self.deliver(rest[0])
        elif kind == "crash":
            self.storage.steps_left = rest[0]
        elif kind == "restart":
            self.start()
        elif kind == "heartbeat" and not self.journal.waiting:
            self.client.fault = lambda: ""
            delivery.heartbeat(self.journal, self.client)  # type: ignore[arg-type]
        elif kind == "refuse":
            self.client.server.refuse_next = rest[0]
        elif kind == "server loses data":
            self.client.server.inventory = {}
        self.observe(full=kind == "full")


@settings(max_examples=80, deadline=None)
@given(st.lists(_STEP, max_size=25))
def test_whatever_happens_the_server_ends_with_the_devices_inventory(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    """Changes, crashes at any write, lost requests and answers: the end is right, nothing is applied twice."""
    server = ServerModel()
    with tempfile.TemporaryDirectory() as folder:
        device = Device(folder, server)
        for step in steps:
            try:
                device.act(step)
            except CrashError:
                device.start()
        device.storage.steps_left = -1
        server.refuse_next = 0
        device.observe()
        assert device.deliver([])
        device.client.fault = lambda: ""
        if delivery.heartbeat(device.journal, device.client):  # type: ignore[arg-type]
            assert device.deliver([])
        installed = device.installed.items()
        expected = items.merge(item(name, version, path=path) for name, (version, path) in installed)
        assert server.inventory == expected
        assert len(server.applied) == len(set(server.applied))
        assert device.journal.waiting == 0
