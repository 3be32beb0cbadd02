"""weakspot.runtime.migrate."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database_url
from tests.support.postgres import Cluster
from weakspot import inventory
from weakspot.inventory.tables import UNGROUPED_ID, device_group
from weakspot.runtime import migrate
from weakspot.runtime.database import Database, sqlite_url, write_engine
from weakspot.runtime.errors import Conflict


def test_a_new_database_gets_the_schema_and_the_default_device_group(tmp_path: Path, dialect: str) -> None:
    url = database_url(tmp_path / "new.db")
    migrate.upgrade(url)
    with contextlib.closing(Database(url)) as database, database.read() as conn:
        (group,) = inventory.groups(conn)
        assert (group.id, group.name, group.rank) == (UNGROUPED_ID, "Ungrouped devices (default)", 2_147_483_647)
        assert conn.execute(sa.select(device_group.c.rule)).scalar_one() == b"{}"
        database.write(lambda conn: conn.execute(device_group.insert().values(name="x", rank=1, rule=b"{}")).close())


@pytest.mark.parametrize("dialect", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_processes_that_start_together_migrate_once(tmp_path: Path, dialect: str) -> None:
    url = database_url(tmp_path / "new.db")
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(url)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    migrate.require_current(url)


@pytest.mark.postgresql
def test_a_database_that_cannot_hold_all_text_is_refused(postgres_cluster: Cluster) -> None:
    name = postgres_cluster.create(options="ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc")
    try:
        with pytest.raises(Conflict, match="UTF8"):
            migrate.upgrade(postgres_cluster.url(name))
    finally:
        postgres_cluster.drop(name)


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "again.db")
    migrate.upgrade(url)
    before = dump(url)
    migrate.upgrade(url)
    assert dump(url) == before


def test_a_reader_is_told_of_a_schema_that_is_not_its_own(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "other.db")
    migrate.upgrade(url)
    migrate.require_current(url)
    engine = write_engine(url)
    with engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()
    with pytest.raises(Conflict, match="schema of another"):
        migrate.require_current(url)


def test_the_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "newer.db")
    migrate.upgrade(url)
    engine = write_engine(url)
    with engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    before = dump(url)
    with pytest.raises(Conflict, match="newer Weakspot"):
        migrate.upgrade(url)
    assert dump(url) == before


def dump(url: str) -> list[str]:
    """The whole database as SQL."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
        return list(conn.iterdump())
