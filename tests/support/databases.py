"""Which database a test uses: a SQLite file, or a database of the tests' own PostgreSQL cluster.

A fixture that makes a database asks for the ``dialect`` fixture and for ``database_url(path)``; its tests then run on
both.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.postgres import Cluster
from weakspot.runtime.database import Database, metadata, sqlite_url

DIALECTS = ("sqlite", "postgresql")


class _Chosen:
    """What the test that runs now uses."""

    cluster: Cluster | None = None
    names: list[str] = []  # noqa: RUF012 - one for the process


def choose(cluster: Cluster | None) -> None:
    """From now on databases are made in this cluster; None: as SQLite files."""
    _Chosen.cluster = cluster


def forget_new(since: int) -> None:
    """Delete the databases that were made after ``since``."""
    cluster = _Chosen.cluster
    while cluster is not None and len(_Chosen.names) > since:
        cluster.drop(_Chosen.names.pop())


def made() -> int:
    """How many databases there are now in the cluster."""
    return len(_Chosen.names)


def is_postgresql() -> bool:
    """Whether databases are made in the cluster."""
    return _Chosen.cluster is not None


def database_url(path: Path, template: str = "", fill: Callable[[Database], object] | None = None) -> str:
    """A new database. path: of the file, on SQLite.

    template: name of what it starts with on PostgreSQL; ``fill`` makes that, once. On SQLite it starts empty.
    """
    if _Chosen.cluster is None:
        return sqlite_url(path)
    name = _Chosen.cluster.create(template, fill)
    _Chosen.names.append(name)
    return _Chosen.cluster.url(name)


def database_with_tables(path: Path) -> Database:
    """A new database with every table that is imported, empty."""
    database = Database(database_url(path, "tables", _create_tables))
    if not is_postgresql():
        _create_tables(database)
    return database


def _create_tables(database: Database) -> None:
    database.write(metadata.create_all)
