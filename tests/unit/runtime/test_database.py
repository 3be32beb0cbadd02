"""weakspot.runtime.database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from tests.support.databases import database_url
from weakspot.runtime import database as runtime_database
from weakspot.runtime.database import GROUP_LIMIT, Database, in_chunks
from weakspot.runtime.errors import Unavailable

own = sa.MetaData()
parent = sa.Table("parent", own, sa.Column("id", sa.Integer, primary_key=True))
child = sa.Table(
    "child",
    own,
    sa.Column("id", sa.Integer, primary_key=True),
    # Checked at the commit: so a test can make the commit itself fail.
    sa.Column("parent_id", sa.ForeignKey("parent.id", deferrable=True, initially="DEFERRED")),
)


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    """A database with the tables of this file."""
    database = Database(database_url(tmp_path / "test.db"))
    database.write(own.create_all)
    yield database
    database.close()


def insert(number: int) -> Callable[[Connection], int]:
    """A unit that inserts a row and returns its number."""

    def unit(conn: Connection) -> int:
        conn.execute(parent.insert().values(id=number))
        return number

    return unit


def ids(database: Database) -> set[int]:
    """Rows that are durable."""
    with database.read() as conn:
        return set(conn.execute(sa.select(parent.c.id)).scalars())


class Held:
    """Keeps the writer busy, so that what is submitted meanwhile becomes one group."""

    def __init__(self, database: Database) -> None:
        self._go = threading.Event()
        self._started = threading.Event()
        database.submit(self._unit)
        assert self._started.wait(10)

    def _unit(self, _conn: Connection) -> None:
        self._started.set()
        assert self._go.wait(10)

    def release(self) -> None:
        """Let the writer go on."""
        self._go.set()


def fails(_conn: Connection) -> None:
    """A unit that does not succeed."""
    raise ValueError("this unit fails")


def half_done(conn: Connection) -> None:
    """A unit that fails after it wrote something."""
    conn.execute(parent.insert().values(id=1000))
    raise ValueError("too late")


def test_a_result_is_handed_out_only_after_the_commit(database: Database) -> None:
    seen: list[set[int]] = []
    held = Held(database)
    future = database.submit(insert(1))
    future.add_done_callback(lambda _: seen.append(ids(database)))
    held.release()
    assert future.result(10) == 1
    database.close()  # the callback runs on the writer's thread
    assert seen == [{1}]


def test_units_that_wait_together_are_committed_together(database: Database) -> None:
    commits: list[set[int]] = []
    held = Held(database)
    database.on_commit(lambda: commits.append(ids(database)))
    futures = [database.submit(insert(n)) for n in range(1, 51)]
    held.release()
    assert [f.result(10) for f in futures] == list(range(1, 51))
    database.close()
    assert commits == [set(), set(range(1, 51))]


def test_a_group_is_bounded(database: Database) -> None:
    held = Held(database)
    commits: list[int] = []
    database.on_commit(lambda: commits.append(len(ids(database))))
    futures = [database.submit(insert(n)) for n in range(1, GROUP_LIMIT + 11)]
    held.release()
    for future in futures:
        future.result(10)
    database.close()
    assert commits[1] == GROUP_LIMIT
    assert commits[-1] == GROUP_LIMIT + 10


def test_a_failing_unit_does_not_touch_its_neighbours(database: Database) -> None:
    held = Held(database)
    before, bad, half, after = (database.submit(u) for u in (insert(1), fails, half_done, insert(2)))
    duplicate = database.submit(insert(1))
    held.release()
    assert before.result(10) == 1
    assert after.result(10) == 2
    with pytest.raises(ValueError, match="this unit fails"):
        bad.result(10)
    with pytest.raises(ValueError, match="too late"):
        half.result(10)
    with pytest.raises(sa.exc.IntegrityError):
        duplicate.result(10)
    assert ids(database) == {1, 2}


def insert_all(conn: Connection, numbers: Sequence[int]) -> list[int | Exception]:
    """A joint: inserts rows, refuses negative numbers one by one, and cannot do any beside number 13."""
    outcomes: list[int | Exception] = []
    for number in numbers:
        if number < 0:
            outcomes.append(ValueError(f"{number} is refused"))
            continue
        outcomes.append(insert(number)(conn))
        conn.execute(child.insert().values(id=number, parent_id=min(numbers)))  # whom it was done with
    if 13 in numbers:
        raise RuntimeError("unlucky")
    return outcomes


def groups_of(database: Database) -> dict[int, int]:
    """Row -> the least of those that it was inserted with."""
    with database.read() as conn:
        return {row.id: row.parent_id for row in conn.execute(sa.select(child))}


def test_items_that_wait_for_the_same_joint_are_done_together(database: Database) -> None:
    held = Held(database)
    first = [database.submit_item(insert_all, number) for number in (3, 1, 2)]
    between = database.submit(insert(10))
    second = [database.submit_item(insert_all, number) for number in (5, 4)]
    held.release()
    assert [one.result(10) for one in (*first, between, *second)] == [3, 1, 2, 10, 5, 4]
    assert groups_of(database) == {1: 1, 2: 1, 3: 1, 4: 4, 5: 4}


@pytest.fixture
def gathering(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database that had several items at once, and waits for more of them longer than any test."""
    monkeypatch.setattr(runtime_database, "GATHER_SECONDS", 300.0)
    held = Held(database)
    first = [database.submit_item(insert_all, number) for number in (101, 102)]
    held.release()
    assert [one.result(60) for one in first] == [101, 102]
    return database


def test_a_unit_does_not_wait_until_items_are_gathered(gathering: Database) -> None:
    item = gathering.submit_item(insert_all, 1)
    assert gathering.submit(insert(2)).result(60) == 2
    assert item.result(60) == 1


def test_enough_items_are_not_kept_waiting(gathering: Database) -> None:
    items = [gathering.submit_item(insert_all, number) for number in range(20, 37)]
    assert [one.result(60) for one in items[:16]] == list(range(20, 36))
    assert gathering.submit(insert(50)).result(60) == 50
    assert items[16].result(60) == 36


def test_items_that_are_gathered_are_written_at_the_end(gathering: Database) -> None:
    item = gathering.submit_item(insert_all, 1)
    gathering.close()
    assert item.result(60) == 1


def test_one_item_s_error_is_its_own(database: Database) -> None:
    database.write(insert(-7))
    held = Held(database)
    good, bad, other = (database.submit_item(insert_all, number) for number in (1, -7, 2))
    held.release()
    assert (good.result(10), other.result(10)) == (1, 2)
    with pytest.raises(ValueError, match="-7 is refused"):
        bad.result(10)
    assert groups_of(database) == {1: -7, 2: -7}


def test_where_all_fail_together_each_is_tried_alone(database: Database) -> None:
    aborted: list[str] = []
    database.on_abort(lambda: aborted.append("told"))
    held = Held(database)
    good, bad, other = (database.submit_item(insert_all, number) for number in (1, 13, 2))
    held.release()
    assert (good.result(10), other.result(10)) == (1, 2)
    with pytest.raises(RuntimeError, match="unlucky"):
        bad.result(10)
    assert groups_of(database) == {1: 1, 2: 2}
    assert aborted == ["told"]


def test_write_raises_what_the_unit_raised(database: Database) -> None:
    with pytest.raises(ValueError, match="this unit fails"):
        database.write(fails)
    assert database.write(insert(7)) == 7


def test_a_commit_that_fails_undoes_the_whole_group_and_tells_the_caches(database: Database) -> None:
    aborted: list[set[int]] = []
    database.on_abort(lambda: aborted.append(ids(database)))
    held = Held(database)
    good = database.submit(insert(1))
    orphan = database.submit(lambda conn: conn.execute(child.insert().values(id=1, parent_id=99)).rowcount)
    held.release()
    for future in (good, orphan):
        with pytest.raises(sa.exc.IntegrityError):
            future.result(10)
    assert aborted == [set()]
    assert database.write(insert(2)) == 2
    assert ids(database) == {2}


def test_listeners_are_not_called_for_a_group_that_was_undone(database: Database) -> None:
    called: list[str] = []
    database.on_commit(lambda: called.append("commit"))
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda conn: conn.execute(child.insert().values(id=1, parent_id=99)).rowcount)
    assert called == []


def test_a_listener_that_fails_stops_neither_the_writer_nor_the_others(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[str] = []
    database.on_commit(fails_quietly)
    database.on_commit(lambda: called.append("second"))
    database.write(insert(1))
    database.write(insert(2))
    database.close()
    assert called == ["second", "second"]
    assert "a listener of the database failed" in caplog.text


def fails_quietly() -> None:
    """A listener with an error."""
    raise RuntimeError("listener")


def test_a_unit_whose_caller_went_away_is_not_run_and_harms_nobody(database: Database) -> None:
    held = Held(database)
    cancelled = database.submit(insert(1))
    kept = database.submit(insert(2))
    assert cancelled.cancel()
    held.release()
    assert kept.result(10) == 2
    with pytest.raises(CancelledError):
        cancelled.result(10)
    assert database.write(insert(3)) == 3
    assert ids(database) == {2, 3}


def test_a_unit_that_runs_cannot_be_cancelled(database: Database) -> None:
    go = threading.Event()
    started = threading.Event()

    def unit(conn: Connection) -> int:
        started.set()
        go.wait(10)
        return insert(5)(conn)

    future = database.submit(unit)
    assert started.wait(10)
    assert not future.cancel()
    go.set()
    assert future.result(10) == 5


def test_close_finishes_what_is_queued_and_then_refuses(database: Database) -> None:
    held = Held(database)
    futures = [database.submit(insert(n)) for n in range(1, 600)]
    closer = threading.Thread(target=database.close)
    closer.start()
    held.release()
    closer.join(20)
    assert not closer.is_alive()
    assert [f.result(0) for f in futures] == list(range(1, 600))
    with pytest.raises(Unavailable, match="stopping"):
        database.submit(insert(1000))
    database.close()


def test_write_inside_a_unit_is_refused_instead_of_waiting_for_itself(database: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a unit"):
        database.write(lambda _conn: database.write(insert(1)))


def test_a_reader_sees_one_moment(database: Database) -> None:
    database.write(insert(1))
    query = sa.select(sa.func.count()).select_from(parent)
    with database.read() as conn:
        database.write(insert(2))
        assert conn.execute(query).scalar_one() == 1
    with database.read() as conn:
        assert conn.execute(query).scalar_one() == 2


def test_readers_cannot_write(database: Database) -> None:
    with database.read() as conn, pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
        conn.execute(parent.insert().values(id=1))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_embedded_database_is_durable_and_checks_references(database: Database) -> None:
    def pragma(conn: Connection, name: str) -> Any:
        return conn.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    found = database.write(lambda conn: [pragma(conn, n) for n in ("journal_mode", "synchronous", "foreign_keys")])
    assert found == ["wal", 2, 1]


def test_units_of_many_threads_all_get_their_own_result(database: Database) -> None:
    results: dict[int, int] = {}

    def work(number: int) -> None:
        results[number] = database.write(insert(number))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 41)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert results == {n: n for n in range(1, 41)}
    assert ids(database) == set(range(1, 41))


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=9))
def test_chunks_are_bounded_and_lose_nothing(values: list[int], size: int) -> None:
    chunks = list(in_chunks(values, size))
    assert [v for chunk in chunks for v in chunk] == values
    assert all(0 < len(chunk) <= size for chunk in chunks)


@given(st.lists(st.sampled_from(["good", "bad", "cancelled"]), max_size=30))
def test_any_mixture_in_one_group_leaves_exactly_the_good_units(kinds: list[str]) -> None:
    database = Database("sqlite:///file:mixture?mode=memory&cache=shared&uri=true")
    try:
        database.write(own.create_all)
        held = Held(database)
        futures: list[tuple[str, int, Future[int]]] = []
        for number, kind in enumerate(kinds, start=1):
            unit = insert(number) if kind != "bad" else _insert_then_fail(number)
            future = database.submit(unit)
            if kind == "cancelled":
                assert future.cancel()
            futures.append((kind, number, future))
        held.release()
        for kind, number, future in futures:
            if kind == "good":
                assert future.result(10) == number
            elif kind == "bad":
                assert isinstance(future.exception(10), ValueError)
        found = database.write(lambda conn: set(conn.execute(sa.select(parent.c.id)).scalars()))
        assert found == {number for kind, number, _ in futures if kind == "good"}
    finally:
        database.close()


def _insert_then_fail(number: int) -> Callable[[Connection], int]:
    def unit(conn: Connection) -> int:
        insert(number)(conn)
        raise ValueError("late")

    return unit
