"""Prepared statements: what they run, and that they take part in the unit of work around them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.support.databases import database_url
from weakspot.runtime.database import Database, write_engine
from weakspot.runtime.prepared import Inserted, Prepared

metadata = sa.MetaData()
thing = sa.Table(
    "thing",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=True),
)
INSERT = Prepared(thing.insert(), ("id", "name", "body"))
BY_ID = Prepared(sa.select(thing.c.name, thing.c.body).where(thing.c.id == sa.bindparam("wanted")))
PUT = Inserted(thing, ("id", "name", "body"), key=("id",))
ADD = Inserted(thing, ("id", "name"))
RENAME = Prepared(thing.update().where(thing.c.id == sa.bindparam("wanted")).values(name=sa.bindparam("new_name")))


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    url = database_url(tmp_path / "things.db")
    engine = write_engine(url)
    with engine.begin() as conn:
        metadata.create_all(conn)
    engine.dispose()
    database = Database(url)
    yield database
    database.close()


def test_what_is_written_is_read_back_with_its_types(database: Database) -> None:
    database.write(lambda conn: INSERT.run(conn, {"id": 1, "name": "ä", "body": b"\x00\xff"}))
    with database.read() as conn:
        assert BY_ID.first(conn, {"wanted": 1}) == ("ä", b"\x00\xff")


def test_no_row_is_none_and_touches_nothing(database: Database) -> None:
    def unit(conn: Connection) -> tuple[object, int]:
        return BY_ID.first(conn, {"wanted": 7}), RENAME.run(conn, {"wanted": 7, "new_name": "x"})

    assert database.write(unit) == (None, 0)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_many_rows(database: Database, count: int) -> None:
    rows = [{"id": number, "name": f"n{number}", "body": None} for number in range(1, count + 1)]
    database.write(lambda conn: INSERT.many(conn, rows))
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(thing)).scalar_one() == count


def test_a_failing_unit_takes_its_prepared_statements_back(database: Database) -> None:
    def unit(conn: Connection) -> None:
        INSERT.run(conn, {"id": 1, "name": "gone", "body": None})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(unit)
    with database.read() as conn:
        assert BY_ID.first(conn, {"wanted": 1}) is None


def test_order_of_the_parameters_does_not_matter(database: Database) -> None:
    database.write(lambda conn: INSERT.run(conn, {"body": b"b", "id": 2, "name": "first"}))
    assert database.write(lambda conn: RENAME.run(conn, {"new_name": "second", "wanted": 2})) == 1
    with database.read() as conn:
        assert BY_ID.first(conn, {"wanted": 2}) == ("second", b"b")


@pytest.mark.parametrize("count", [0, 1, 5, 64, 150])
def test_rows_are_inserted_or_written_over_in_their_order(database: Database, count: int) -> None:
    everything = sa.select(thing.c.id, thing.c.name, thing.c.body).order_by(thing.c.id)
    database.write(lambda conn: ADD.write(conn, [(number, "old") for number in range(1, count + 1, 2)]))
    rows = [(number, f"n{number}", None if number % 3 else b"\x00") for number in range(1, count + 1)]
    database.write(lambda conn: PUT.write(conn, rows))
    with database.read() as conn:
        assert [tuple(row) for row in conn.execute(everything)] == rows


def test_without_a_key_nothing_is_written_over(database: Database) -> None:
    database.write(lambda conn: ADD.write(conn, [(1, "first")]))
    with pytest.raises(Exception, match=r"(?i)unique"):
        database.write(lambda conn: ADD.write(conn, [(2, "second"), (1, "again")]))
    with database.read() as conn:
        assert conn.execute(sa.select(thing.c.name)).scalars().all() == ["first"]
