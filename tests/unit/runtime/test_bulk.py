"""Many rows at once, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database_url
from weakspot.runtime.bulk import COPY_FROM, after_given_ids, insert_dicts, insert_rows
from weakspot.runtime.database import BigId, Database

own = sa.MetaData()
thing = sa.Table(
    "thing",
    own,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=True),
    sa.Column("share", sa.Float, nullable=True),
    sa.Column("is_good", sa.Boolean, nullable=False),
)
COLUMNS = ("id", "name", "body", "share", "is_good")
NAMES = ("plain", "ä\u2028€", "tab\there", "back\\slash", "\\N", "line\nbreak", "\\x00", "'quoted' \"twice\"", "")


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    database = Database(database_url(tmp_path / "bulk.db"))
    database.write(own.create_all)
    yield database
    database.close()


@pytest.mark.parametrize("count", [0, 1, COPY_FROM - 1, COPY_FROM, 3 * COPY_FROM])
def test_what_is_written_is_read_back(database: Database, count: int) -> None:
    rows = [
        (n, NAMES[n % len(NAMES)], None if n % 3 else bytes(range(n % 256)), None if n % 5 else n / 7, n % 2 == 0)
        for n in range(1, count + 1)
    ]
    database.write(lambda conn: insert_rows(conn, thing, COLUMNS, rows))
    with database.read() as conn:
        assert [tuple(row) for row in conn.execute(sa.select(thing).order_by(thing.c.id))] == rows


def test_dicts_are_rows_with_the_names_of_the_first(database: Database) -> None:
    database.write(lambda conn: insert_dicts(conn, thing, [{"name": "a", "is_good": True}]))
    database.write(lambda conn: insert_dicts(conn, thing, []))
    with database.read() as conn:
        assert conn.execute(sa.select(thing.c.name, thing.c.body)).all() == [("a", None)]


@pytest.mark.parametrize("count", [1, 2 * COPY_FROM])
def test_a_unit_that_fails_leaves_nothing(database: Database, count: int) -> None:
    def unit(conn: sa.Connection) -> None:
        insert_rows(conn, thing, COLUMNS, [(n, "x", None, None, True) for n in range(count)])
        raise ValueError("late")

    with pytest.raises(ValueError, match="late"):
        database.write(unit)
    assert _count(database) == 0
    with pytest.raises(sa.exc.IntegrityError if count == 1 else Exception):
        database.write(lambda conn: insert_rows(conn, thing, COLUMNS, [(1, "x", None, None, True)] * (count + 1)))
    assert _count(database) == 0


def test_ids_go_on_above_those_that_were_given_and_never_back(database: Database) -> None:
    def inserted(conn: sa.Connection) -> int:
        after_given_ids(conn, thing)
        values = {"name": "next", "is_good": True}
        return int(conn.execute(thing.insert().values(values).returning(thing.c.id)).scalar_one())

    assert database.write(inserted) == 1
    database.write(lambda conn: insert_rows(conn, thing, COLUMNS, [(70, "given", None, None, True)]))
    assert database.write(inserted) == 71
    assert database.write(inserted) == 72


def _count(database: Database) -> int:
    with database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(thing)).scalar_one())
