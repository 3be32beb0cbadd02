"""Engines: how a connection to either database is made, and what its errors mean to the caller.

SQLite: write-ahead log, one writing connection that begins with the write lock. PostgreSQL (15 or newer, UTF-8):
readers have REPEATABLE READ and cannot write, so that everything read through one connection is of one moment.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from weakspot.runtime.errors import InvalidField, Unavailable

CONNECT_SECONDS = 10
_NAMED = 0x5745414C  # first key of locks that have a name
RETRY_AFTER_SECONDS = 5
_GONE = ("", "08", "53", "57")
"""Classes of SQLSTATE: no connection, out of resources, ended by an operator; empty: the connection broke."""
_UNREACHABLE = "The database does not answer now; send the request again in a few seconds."
_DRIVER = "postgresql+psycopg://"


def connectable(url: str) -> str:
    """The URL with the driver named: ``postgresql://`` and ``postgres://`` mean PostgreSQL through psycopg."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return _DRIVER + url.removeprefix(plain)
    return url


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return sa.make_url(url).render_as_string(hide_password=True)


def write_engine(url: str) -> Engine:
    """An engine for one writing connection at a time, as the writer uses it; for migrations and bulk moves."""
    return make_engine(url, 1, write=True)


def read_engine(url: str) -> Engine:
    """An engine that only reads and takes no lock that a writer would wait for."""
    return make_engine(url, 1, write=False)


def make_engine(url: str, size: int, *, write: bool) -> Engine:
    """An engine with up to ``size`` connections kept open. Raises Unavailable when the driver is not installed."""
    if not url.startswith("sqlite"):
        return _postgresql(connectable(url), size, write=write)
    return _sqlite(url, size, write=write)


@contextlib.contextmanager
def advisory_lock(url: str, name: str) -> Iterator[bool]:
    """Hold PostgreSQL's lock of that name while the block lasts; False: somebody else has it. The database gives it
    back by itself when this process ends.
    """
    key = (_NAMED, sa.func.hashtext(name))
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        is_mine = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(*key))).scalar_one())
        try:
            yield is_mine
        finally:
            if is_mine:
                # Closing alone would leave it taken for the moment until the database notices.
                with contextlib.suppress(DBAPIError):
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(*key)))


def told(error: BaseException) -> BaseException:
    """The error as the caller should see it: Unavailable when the database is gone, InvalidField for text that it
    cannot hold; any other as it is.
    """
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if type(original).__module__.partition(".")[0] != "psycopg":
        return error
    names = {one.__name__ for one in type(original).__mro__}
    state = str(getattr(original, "sqlstate", None) or "")[:2]
    if "InterfaceError" in names or ("OperationalError" in names and state in _GONE):
        return Unavailable(_UNREACHABLE, retry_after_seconds=RETRY_AFTER_SECONDS)
    if "DataError" in names and "NUL" in str(original):
        return InvalidField("A text holds a NUL character; remove it and send the request again.")
    return error


def _postgresql(url: str, size: int, *, write: bool) -> Engine:
    try:
        import psycopg
    except ImportError:
        raise Unavailable("The driver for PostgreSQL is missing: pip install 'weakspot[postgresql]'.") from None
    engine = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=size,
        use_native_hstore=False,  # saves a query on each new connection
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "weakspot",
            "client_encoding": "utf8",
        },
    )
    if not write:

        @sa.event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True

    return engine


def _sqlite(url: str, size: int, *, write: bool) -> Engine:
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=size * 4,
        connect_args={"check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; pysqlite's own guessing breaks savepoints
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-65536" if write else "cache_size=-16384",
            "temp_store=MEMORY",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        if not write:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
