"""What addresses and errors of databases mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database_url
from tests.support.postgres import Cluster
from weakspot.runtime.database import Database
from weakspot.runtime.engine import connectable, told, without_password
from weakspot.runtime.errors import InvalidField, Unavailable


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    database = Database(database_url(tmp_path / "engine.db"))
    database.write(lambda conn: conn.exec_driver_sql("CREATE TABLE note (text TEXT PRIMARY KEY)").close())
    yield database
    database.close()


@pytest.mark.parametrize("given", ["postgresql://u@h/n", "postgres://u@h/n", "postgresql+psycopg://u@h/n"])
def test_postgresql_is_reached_through_psycopg(given: str) -> None:
    assert connectable(given) == "postgresql+psycopg://u@h/n"


def test_other_addresses_stay_as_they_are() -> None:
    assert connectable("sqlite:////a/b.db") == "sqlite:////a/b.db"


def test_a_password_is_never_shown() -> None:
    assert without_password("postgresql://u:hush@h/n") == "postgresql://u:***@h/n"


def test_errors_of_ours_and_of_sqlite_stay_as_they_are() -> None:
    for error in (ValueError("x"), Unavailable("y"), sa.exc.OperationalError("s", {}, Exception("z"))):
        assert told(error) is error


@pytest.mark.parametrize("dialect", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_text_that_postgresql_cannot_hold_is_told_plainly(database: Database) -> None:
    query = sa.text("SELECT text FROM note WHERE text = :text")
    with pytest.raises(InvalidField, match="NUL character"), database.read() as conn:
        conn.execute(query, {"text": "a\x00b"})
    with pytest.raises(InvalidField, match="NUL character"):
        database.write(lambda conn: conn.execute(sa.text("INSERT INTO note VALUES (:t)"), {"t": "\x00"}).close())


@pytest.mark.postgresql
def test_a_database_that_went_away_is_unavailable_and_comes_back(postgres_cluster: Cluster) -> None:
    del postgres_cluster  # only for its reason to skip: this one is killed
    cluster = Cluster()
    database = Database(cluster.url(cluster.create()))
    try:
        database.write(lambda conn: conn.exec_driver_sql("CREATE TABLE note (text TEXT PRIMARY KEY)").close())
        with database.read() as conn:
            conn.exec_driver_sql("SELECT 1")
        cluster.kill()
        with pytest.raises(Unavailable) as refused:
            database.write(_note("lost"))
        assert refused.value.retry_after_seconds
        with pytest.raises(Unavailable), database.read():
            pass
        cluster.start()
        database.write(_note("kept"))
        with database.read() as conn:
            assert conn.exec_driver_sql("SELECT text FROM note").scalars().all() == ["kept"]
        cluster.kill()
        cluster.start()  # nothing was asked meanwhile: the first request must not notice
        with database.read() as conn:
            assert conn.exec_driver_sql("SELECT text FROM note").scalars().all() == ["kept"]
        database.write(_note("again"))
    finally:
        database.close()
        cluster.close()


def _note(text: str):
    return lambda conn: conn.execute(sa.text("INSERT INTO note VALUES (:text)"), {"text": text}).close()
