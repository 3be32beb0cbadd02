"""Moving a database: everything, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database_url
from tests.support.served import migrated
from weakspot import app  # noqa: F401 - all tables belong to the schema once all contexts are loaded
from weakspot.inventory.tables import device_group
from weakspot.runtime import changes, moving
from weakspot.runtime.database import Database, metadata, sqlite_url
from weakspot.runtime.errors import Conflict


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A database with some rows."""
    url = sqlite_url(tmp_path / "source.db")
    (tmp_path / "source.db").write_bytes(migrated())
    database = Database(url)
    group = {"name": "späte \\ Schicht\t", "rank": 3, "rule": bytes(range(256))}
    database.write(lambda conn: conn.execute(device_group.insert().values(group)).close())
    rows = [("test.thing", {"n": n}) for n in range(4_500)]
    database.write(lambda conn: changes.append_many(conn, 7, rows))
    database.write(lambda conn: changes.prune(conn, 100))
    database.close()
    return url


@pytest.fixture
def target(tmp_path: Path, dialect: str) -> str:
    return database_url(tmp_path / "target.db")


def test_everything_is_there_and_numbers_go_on(source: str, target: str) -> None:
    told: list[tuple[str, int]] = []
    moved = moving.move(source, target, lambda table, rows: told.append((table, rows)))
    assert rows_of(target) == rows_of(source)
    assert moved.rows == sum(len(rows) for rows in rows_of(source).values())
    assert ("changes", 4_401) in told
    database = Database(target)
    try:
        database.write(lambda conn: changes.append(conn, 8, "test.thing", {}))
        added = database.write(
            lambda conn: conn.execute(
                device_group.insert().values(name="new", rank=4, rule=b"{}").returning(device_group.c.id)
            ).scalar_one()
        )
        with database.read() as conn:
            assert changes.last_seq(conn) == 4_501
    finally:
        database.close()
    assert added == max(row[0] for row in rows_of(source)["inventory_device_group"]) + 1


def test_a_target_with_data_is_refused_and_left_alone(source: str, target: str) -> None:
    moving.move(source, target, lambda *_: None)
    before = rows_of(target)
    with pytest.raises(Conflict, match="holds data already"):
        moving.move(source, target, lambda *_: None)
    assert rows_of(target) == before


def test_a_copy_that_differs_is_undone(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = moving.insert_rows

    def loses(conn: sa.Connection, table: sa.Table, columns: list[str], rows: list[tuple[object, ...]]) -> None:
        real(conn, table, columns, rows[1:] if table.name == "changes" else rows)

    monkeypatch.setattr(moving, "insert_rows", loses)
    with pytest.raises(Conflict, match="changes is not the same"):
        moving.move(source, target, lambda *_: None)
    assert rows_of(target)["changes"] == []


def test_a_table_that_nobody_knows_is_not_lost_in_silence(source: str, target: str) -> None:
    database = Database(source)
    database.write(lambda conn: conn.exec_driver_sql("CREATE TABLE notes (text TEXT)").close())
    database.close()
    with pytest.raises(Conflict, match="notes"):
        moving.move(source, target, lambda *_: None)


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows."""
    database = Database(url, readers=1)
    try:
        with database.read() as conn:
            found = set(sa.inspect(conn).get_table_names())
            return {
                name: sorted(tuple(row) for row in conn.execute(sa.select(table)))
                for name, table in metadata.tables.items()
                if name in found
            }
    finally:
        database.close()
