"""The follower on a real database: in step with every commit, across restarts, snapshots and failures."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from tests.support.databases import database_url
from tests.unit.fleet import tables
from tests.unit.fleet.model import EVERYTHING
from tests.unit.fleet.tables import State, WorldTables, alter
from weakspot.fleet import Batch, Fleet, FleetFollower, follower, service
from weakspot.runtime import changes
from weakspot.runtime.database import Database

SOFTWARE_OF = {version: 1 + version // 4 for version in range(1, 41)}
WAIT_SECONDS = 20


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    database = Database(database_url(tmp_path / "world.db"))
    tables.create(database, State(SOFTWARE_OF, hazards={one: one * 1000 for one in range(1, 30)}))
    yield database
    database.close()


@pytest.fixture
def follow(database: Database) -> Iterator[Callable[..., FleetFollower]]:
    started: list[FleetFollower] = []

    def start(**given: Any) -> FleetFollower:
        options = {"hazard": tables.hazard, "clock": lambda: 0, "tables": WorldTables()} | given
        started.append(FleetFollower(database, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def rebuilt(database: Database) -> Fleet:
    fleet = Fleet()
    with database.read() as conn:
        service.load(WorldTables(), conn, fleet, tables.hazard, 0)
    return fleet


def report(device: int, versions: set[int]) -> Callable[[State], list[tuple[str, dict[str, Any]]]]:
    def change(state: State) -> list[tuple[str, dict[str, Any]]]:
        before = state.installed.get(device, set())
        state.installed[device] = versions
        added, removed = sorted(versions - before), sorted(before - versions)
        told = [("inventory.device", {"device_id": device, "added": added, "removed": removed})]
        if device not in state.facts:
            state.facts[device] = (1, "Normal", True)
            told.append(("inventory.device_facts", {"device_id": device}))
        return told

    return change


def matched(found: dict[int, set[int]]) -> Callable[[State], list[tuple[str, dict[str, Any]]]]:
    def change(state: State) -> list[tuple[str, dict[str, Any]]]:
        state.matches.update(found)
        return [("matching.matches", {"software_version_ids": sorted(found)})]

    return change


def scored(hazards: dict[int, int], *, is_all: bool = False) -> Callable[[State], list[tuple[str, dict[str, Any]]]]:
    def change(state: State) -> list[tuple[str, dict[str, Any]]]:
        state.hazards.update(hazards)
        named = [] if is_all else sorted(hazards)
        return [("intel.knowledge", {"version": 1, "source": "s", "vulnerability_ids": named, "all": is_all})]

    return change


def moved(device: int, group: int, value: str, counted: bool) -> Callable[[State], list[tuple[str, dict[str, Any]]]]:
    def change(state: State) -> list[tuple[str, dict[str, Any]]]:
        state.facts[device] = (group, value, counted)
        return [("inventory.device_facts", {"device_id": device})]

    return change


def random_change(dice: random.Random) -> Callable[[State], list[tuple[str, dict[str, Any]]]]:
    device = dice.randint(1, 12)
    kind = dice.randrange(5)
    if kind <= 1:
        return report(device, set(dice.sample(sorted(SOFTWARE_OF), dice.randint(0, 8))))
    if kind == 2:
        return matched({dice.randint(1, 40): set(dice.sample(range(1, 30), dice.randint(0, 4))) for _ in range(3)})
    if kind == 3:
        return moved(device, dice.randint(1, 4), dice.choice(["Low", "Normal", "High"]), dice.random() < 0.7)
    return scored({one: dice.randrange(1 << 30) for one in dice.sample(range(1, 30), 5)}, is_all=dice.random() < 0.5)


@pytest.mark.parametrize("seed", range(4))
def test_following_equals_building_anew(
    seed: int, database: Database, follow: Callable[..., FleetFollower], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_HAZARDS_IN_BATCH", 3)
    monkeypatch.setattr(follower, "FOLD_SLICE", 2)
    monkeypatch.setattr(service, "MAX_VERSIONS_IN_BATCH", 2)
    dice = random.Random(seed)
    for _ in range(10):
        alter(database, random_change(dice))
    followed = follow()
    for _ in range(60):
        seq = alter(database, random_change(dice))
        if dice.random() < 0.3:
            assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    assert followed.failure is None
    assert followed.fleet.differences(rebuilt(database)) == []


def test_a_report_is_seen_without_polling(database: Database, follow: Callable[..., FleetFollower]) -> None:
    alter(database, matched({5: {7}}))
    fleet = follow().fleet
    seq = alter(database, report(3, {5, 6}))
    assert fleet.wait_for(seq, WAIT_SECONDS)
    assert list(fleet.devices_of_vulnerability(7, EVERYTHING)) == [3]
    assert fleet.device_hazards([3], EVERYTHING)[1].tolist() == [7000]


def test_work_is_cut_into_batches_and_the_seq_comes_last(database: Database) -> None:
    fleet = rebuilt(database)
    found = {version: {version % 20 + 1} for version in range(1, 31)}
    alter(database, report(1, {29, 30}))
    seq = alter(database, matched(found))
    pending = service.Pending()
    seen: list[tuple[int | None, list[int]]] = []
    with database.read() as conn:
        for change in changes.since(conn, 0):
            pending.note(change)
        while pending or not seen:
            work = service.next_work(WorldTables(), conn, fleet.view(), pending, tables.hazard, 0, max_versions=10)
            fleet.apply(work.batch)
            seen.append((work.batch.seq, sorted(work.batch.matches)))
    assert [one for one, _ in seen] == [None, None, seq]
    assert {29, 30} <= set(seen[0][1]), "what a changed device has comes first"
    assert fleet.differences(rebuilt(database)) == []


def test_hazards_of_absent_vulnerabilities_are_not_read(database: Database) -> None:
    alter(database, matched({1: {3}}))
    fleet = rebuilt(database)
    alter(database, scored({3: 11, 4: 12}))
    pending = service.Pending()
    with database.read() as conn:
        for change in changes.since(conn, 1):
            pending.note(change)
        work = service.next_work(WorldTables(), conn, fleet.view(), pending, tables.hazard, 0)
    assert dict(work.batch.hazards) == {3: 11}


def test_how_long_commits_wait_is_noted(database: Database, follow: Callable[..., FleetFollower]) -> None:
    followed = follow()
    for device in (1, 2):
        assert followed.fleet.wait_for(alter(database, report(device, {1})), WAIT_SECONDS)
    followed.stop()  # it notes after the view is there
    counts, seconds = followed.fleet.lag.read()
    assert 1 <= counts[-1] <= 3
    assert seconds > 0


def test_a_restart_reads_the_snapshot_and_what_came_since(
    database: Database, follow: Callable[..., FleetFollower], tmp_path: Path
) -> None:
    path = tmp_path / "fleet.snapshot"
    first = follow(snapshot_path=path, model="m1")
    seq = alter(database, report(1, {1, 2}))
    seq = alter(database, matched({1: {4, 5}}))
    assert first.fleet.wait_for(seq, WAIT_SECONDS)
    first.stop()
    seq = alter(database, report(2, {1}))
    reading = WorldTables()
    second = follow(snapshot_path=path, model="m1", tables=reading)
    assert second.fleet.wait_for(seq, WAIT_SECONDS)
    assert reading.builds == 0
    assert second.fleet.differences(rebuilt(database)) == []


def test_reports_are_followed_while_the_snapshot_is_written(
    database: Database, follow: Callable[..., FleetFollower], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, begun, may_end = tmp_path / "fleet.snapshot", threading.Event(), threading.Event()
    write = follower.snapshots.write

    def slowly(*given: Any, rest: Callable[[], None] | None = None) -> int:
        begun.set()
        may_end.wait(WAIT_SECONDS)
        return write(*given, rest=rest)

    monkeypatch.setattr(follower, "SNAPSHOT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(follower.snapshots, "write", slowly)
    followed = follow(snapshot_path=path)
    assert followed.fleet.wait_for(alter(database, report(1, {1})), WAIT_SECONDS)
    assert begun.wait(WAIT_SECONDS)
    seq = alter(database, report(2, {1}))
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    assert not path.exists()
    may_end.set()
    followed.stop()
    assert follower.snapshots.read(path)[0].seq == seq


def test_a_snapshot_of_another_model_or_damaged_is_not_used(
    database: Database, follow: Callable[..., FleetFollower], tmp_path: Path
) -> None:
    path = tmp_path / "fleet.snapshot"
    first = follow(snapshot_path=path, model="m1")
    seq = alter(database, report(1, {1, 2}))
    seq = alter(database, matched({1: {4}}))
    assert first.fleet.wait_for(seq, WAIT_SECONDS)
    first.stop()
    second = follow(snapshot_path=path, model="m2", hazard=lambda one: 42)
    assert second.fleet.vulnerability_hazard(4) == 42
    second.stop()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    third = follow(snapshot_path=path, model="m2", hazard=lambda one: 43)
    assert third.fleet.vulnerability_hazard(4) == 43


def test_a_pruned_outbox_makes_it_build_anew(
    database: Database, follow: Callable[..., FleetFollower], tmp_path: Path
) -> None:
    path = tmp_path / "fleet.snapshot"
    first = follow(snapshot_path=path)
    seq = alter(database, report(1, {1}))
    assert first.fleet.wait_for(seq, WAIT_SECONDS)
    first.stop()
    for device in range(2, 6):
        seq = alter(database, report(device, {device}))
    database.write(lambda conn: changes.prune(conn, seq))
    second = follow(snapshot_path=path)
    assert second.fleet.wait_for(seq, WAIT_SECONDS)
    assert second.fleet.differences(rebuilt(database)) == []


def test_a_pruned_outbox_is_followed_where_all_that_is_new_is_still_there(
    database: Database, follow: Callable[..., FleetFollower], monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = follow()
    assert followed.fleet.wait_for(alter(database, report(1, {1})), WAIT_SECONDS)
    monkeypatch.setattr(service, "load", None)  # building anew would fail

    def unit(conn: Connection) -> int:
        state = tables.read(conn)
        changes.append_many(conn, 1, report(1, {1, 2})(state))
        changes.prune(conn, changes.last_seq(conn))
        tables.write(conn, state)
        return changes.last_seq(conn)

    seq = database.write(unit)
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    monkeypatch.undo()
    assert followed.fleet.differences(rebuilt(database)) == []


def test_a_failure_is_told_and_healed(
    database: Database, follow: Callable[..., FleetFollower], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RETRY_SECONDS", (0.01,))
    reading = WorldTables()
    followed = follow(tables=reading)
    seq = alter(database, report(1, {1}))
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    reading.failures = 3
    seq = alter(database, matched({1: {9}}))
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    assert reading.failures == 0
    assert followed.fleet.differences(rebuilt(database)) == []


def test_comparing_while_others_write(database: Database, follow: Callable[..., FleetFollower]) -> None:
    followed = follow()
    dice = random.Random(9)
    for _ in range(15):
        alter(database, random_change(dice))
        assert followed.compare() == []


def test_comparing_names_what_is_wrong(database: Database, follow: Callable[..., FleetFollower]) -> None:
    followed = follow()
    seq = alter(database, report(1, {1}))
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    followed.fleet.apply(Batch(matches={1: [3]}, hazards={3: 5}))
    assert any("vulnerabilities of software version 1" in line for line in followed.compare())


def test_a_failure_while_comparing_loses_nothing(
    database: Database, follow: Callable[..., FleetFollower], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RETRY_SECONDS", (0.01,))
    reading = WorldTables()
    followed = follow(tables=reading)
    reading.failures = 2
    seq = alter(database, matched({1: {9}}))
    with contextlib.suppress(OSError):
        followed.compare()
    assert followed.fleet.wait_for(seq, WAIT_SECONDS)
    assert followed.fleet.differences(rebuilt(database)) == []
