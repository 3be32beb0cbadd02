"""Several processes on one database, each with a writer of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database_url
from weakspot.runtime import changes
from weakspot.runtime.database import Database, metadata
from weakspot.runtime.errors import Conflict
from weakspot.runtime.leadership import Leadership, Listener

ONLY_POSTGRESQL = pytest.mark.parametrize(
    "dialect", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


@pytest.fixture
def url(tmp_path: Path, dialect: str) -> str:
    return database_url(tmp_path / "shared.db")


@pytest.fixture
def databases(url: str) -> Iterator[list[Database]]:
    """As two processes have them."""
    opened = [Database(url, readers=2) for _ in range(2)]
    opened[0].write(lambda conn: metadata.create_all(conn, [changes.changes]))
    yield opened
    for one in opened:
        one.close()


def leadership(database: Database) -> Leadership:
    """One that asks each time."""
    return Leadership(database, ask_every_seconds=0)


@ONLY_POSTGRESQL
def test_one_leads_until_it_ends(databases: list[Database]) -> None:
    with closing(leadership(databases[0])) as first, closing(leadership(databases[1])) as second:
        assert (first.is_leader(), second.is_leader()) == (True, False)
        assert first.is_leader()
        first.close()
        assert second.is_leader()
        assert not Leadership(databases[0]).is_leader()
        assert not first.is_leader(), "who gave the lead up does not take it again"


@ONLY_POSTGRESQL
def test_a_leader_whose_connection_is_cut_notices_and_can_lead_again(databases: list[Database]) -> None:
    with closing(leadership(databases[0])) as first, closing(leadership(databases[1])) as second:
        assert first.is_leader()
        cut = (
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'weakspot leader' AND datname = current_database()"
        )
        databases[1].write(lambda conn: conn.exec_driver_sql(cut).close())
        assert second.is_leader()
        assert not first.is_leader()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_embedded_database_has_one_process_and_it_leads(databases: list[Database]) -> None:
    with closing(Leadership(databases[0])) as only:
        assert only.is_leader()
    Listener(databases[0], lambda: None).stop()


@ONLY_POSTGRESQL
def test_commits_of_another_process_are_heard(databases: list[Database]) -> None:
    heard = threading.Semaphore(0)
    listener = Listener(databases[0], databases[0].others_committed)
    databases[0].on_commit(heard.release)
    try:
        assert heard.acquire(timeout=20)  # it listens now
        databases[1].write(lambda conn: changes.append(conn, 1, "test.thing", {}))
        assert heard.acquire(timeout=20)
    finally:
        listener.stop()


def test_one_at_a_time_among_all_processes(databases: list[Database], dialect: str) -> None:
    mine = databases[0]
    other = databases[1] if dialect == "postgresql" else databases[0]
    with mine.alone("thing"):
        with pytest.raises(Conflict, match="wait until it has ended"), other.alone("thing"):
            pass
        with pytest.raises(Conflict), mine.alone("thing"):
            pass
        with other.alone("another thing"):
            pass
    with other.alone("thing"):
        pass


@ONLY_POSTGRESQL
def test_what_is_given_back_can_be_taken_at_once(databases: list[Database]) -> None:
    taken = sa.text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    for _ in range(20):
        with databases[0].read() as conn:
            with databases[1].alone("thing"):
                pass
            assert conn.execute(taken).scalar_one() == 0
            with closing(Leadership(databases[1])) as leader:
                assert leader.is_leader()
            assert conn.execute(taken).scalar_one() == 0


def test_a_follower_never_misses_a_change_of_any_writer(databases: list[Database]) -> None:
    """Writers in two processes, and a reader that goes on from the last number that it saw: none may come later with
    a smaller one (docs/decisions/0008).
    """
    per_writer, writers = 60, 4
    done = threading.Event()

    def write(number: int) -> None:
        for one in range(per_writer):
            rows = [("test.thing", {"writer": number, "n": one, "part": part}) for part in range(3)]
            databases[number % 2].write(lambda conn, rows=rows: changes.append_many(conn, 1, rows))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    threading.Thread(target=lambda: ([thread.join() for thread in threads], done.set())).start()
    position, seen = 0, []
    while True:
        is_last = done.is_set()
        with databases[0].read() as conn:
            for change in changes.since(conn, position):
                position = change.seq
                seen.append((change.payload["writer"], change.payload["n"], change.payload["part"]))
        if is_last:
            break
    assert len(seen) == per_writer * writers * 3
    for number in range(writers):
        own = [(n, part) for writer, n, part in seen if writer == number]
        assert own == [(n, part) for n in range(per_writer) for part in range(3)]
