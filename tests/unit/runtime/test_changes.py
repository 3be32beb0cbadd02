"""weakspot.runtime.changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import database_url
from weakspot.runtime import changes
from weakspot.runtime.database import Database, metadata


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    """An empty database with the outbox."""
    database = Database(database_url(tmp_path / "changes.db"))
    database.write(lambda conn: metadata.create_all(conn, [changes.changes]))
    yield database
    database.close()


def fill(database: Database, count: int) -> None:
    """``count`` changes, one a unit."""
    for number in range(count):
        database.write(lambda conn, number=number: changes.append(conn, 1000 + number, "test.thing", {"id": number}))


def test_followers_read_what_came_after_their_position_in_order(database: Database) -> None:
    fill(database, 5)
    with database.read() as conn:
        assert [c.payload["id"] for c in changes.since(conn, 0)] == [0, 1, 2, 3, 4]
        third = list(changes.since(conn, 0))[2]
        assert (third.at, third.kind, third.payload) == (1002, "test.thing", {"id": 2})
        assert [c.payload["id"] for c in changes.since(conn, third.seq)] == [3, 4]
        assert [c.payload["id"] for c in changes.since(conn, 0, limit=2)] == [0, 1]
        assert list(changes.since(conn, changes.last_seq(conn))) == []


def test_many_are_appended_in_the_order_given(database: Database) -> None:
    rows = [("a.b", {"n": n}) for n in range(1000)]
    database.write(lambda conn: changes.append_many(conn, 1, rows))
    database.write(lambda conn: changes.append_many(conn, 2, []))
    with database.read() as conn:
        assert [c.payload["n"] for c in changes.since(conn, 0)] == list(range(1000))


def test_positions_of_an_empty_outbox_are_zero(database: Database) -> None:
    with database.read() as conn:
        assert (changes.first_seq(conn), changes.last_seq(conn)) == (0, 0)


def test_a_unit_that_fails_leaves_no_change(database: Database) -> None:
    def unit(conn: object) -> None:
        changes.append(conn, 1, "test.thing", {})  # type: ignore[arg-type]
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(unit)
    with database.read() as conn:
        assert changes.last_seq(conn) == 0


@pytest.mark.parametrize(("before", "kept"), [(0, [0, 1, 2, 3]), (3, [2, 3]), (4, [3]), (99, [3])])
def test_pruning_keeps_the_newest_row_so_that_positions_keep_their_meaning(
    database: Database, before: int, kept: list[int]
) -> None:
    fill(database, 4)
    removed = database.write(lambda conn: changes.prune(conn, before))
    assert removed == 4 - len(kept)
    with database.read() as conn:
        assert [c.payload["id"] for c in changes.since(conn, 0)] == kept
        assert changes.last_seq(conn) == 4
        assert changes.first_seq(conn) == 4 - len(kept) + 1


def test_a_seq_is_never_given_twice_even_when_all_rows_are_gone(database: Database) -> None:
    fill(database, 3)
    database.write(lambda conn: conn.execute(changes.changes.delete()).rowcount)
    fill(database, 1)
    with database.read() as conn:
        assert changes.last_seq(conn) == 4
