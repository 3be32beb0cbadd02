"""The database: one engine for reading, one writer with group commit.

Purpose: every context keeps its tables in one SQLAlchemy ``metadata``; readers get a consistent snapshot, and all that
writes goes through one thread, which puts waiting units of work into one transaction, each behind its own savepoint.
So a unit is all or nothing, an error in one does not touch its neighbours, and a durable commit is paid once a group.

Invariants: a unit's result is handed out only after the commit; ``changes.seq`` is in commit order
(docs/decisions/0003).
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from weakspot.runtime.errors import Unavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")
Unit = Callable[[Connection], T]

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Integer primary key: 64 bits everywhere, and SQLite's own rowid there."""

GROUP_LIMIT = 256
_ADVISORY_LOCK = 0x5745414B  # "WEAK": held to the commit on PostgreSQL, so that seq is in commit order


def asserted(text: str) -> str:
    """Comment of a table that holds what a sensor or a source said."""
    return f"asserted: {text}"


def derived(text: str) -> str:
    """Comment of a table that is a pure function of asserted and decided data."""
    return f"derived: {text}"


def recorded(text: str) -> str:
    """Comment of a table that tells when something derived changed."""
    return f"recorded: {text}"


def decided(text: str) -> str:
    """Comment of a table that holds what a person chose."""
    return f"decided: {text}"


def sqlite_url(path: Path) -> str:
    """URL of an embedded database file."""
    return f"sqlite:///{path}"


def in_chunks(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Lists of at most ``size``, for IN (...): databases bound the number of parameters."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


class Database:
    """One database with its single writer.

    ``read()`` is safe from any thread. ``write(unit)`` waits for the commit and returns the unit's result or raises
    what it
    raised; ``submit(unit)`` gives a Future instead. ``on_commit`` callables run on the writer thread after every commit
    that wrote something and must return at once.
    """

    def __init__(self, url: str, *, readers: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._readers = _engine(url, readers, write=False)
        self._writer_engine = write_engine(url)
        self._queue: queue.SimpleQueue[tuple[Unit[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._abort_listeners: list[Callable[[], None]] = []
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every group commit."""
        self._listeners.append(listener)

    def on_abort(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on the writer thread when a group could not be committed: caches must forget it."""
        self._abort_listeners.append(listener)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot: everything read through one connection is of one moment."""
        with self._readers.connect() as connection, connection.begin():
            if self.is_sqlite:
                # Deferred BEGIN takes its snapshot at the first read; take it now.
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")
            yield connection

    def submit(self, unit: Unit[T]) -> Future[T]:
        """Queue a unit of work; the Future is done after the commit (or after the unit's own failure)."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise Unavailable("The server is stopping; send the request again in a few seconds.")
            self._queue.put((unit, future))
        return future

    def write(self, unit: Unit[T]) -> T:
        """Run a unit of work and wait for its commit. Never call it from inside a unit: it would wait for itself."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("write() inside a unit of work: pass the connection on instead")
        return self.submit(unit).result()

    def close(self) -> None:
        """Finish what is queued, then close. Idempotent."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self._readers.dispose()
        self._writer_engine.dispose()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < GROUP_LIMIT:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stopping = True
                    break
                group.append(following)
            self._commit_group(group)

    def _commit_group(self, queued: list[tuple[Unit[Any], Future[Any]]]) -> None:
        # A caller that went away cancelled its unit; from here on it cannot, and its Future takes a result.
        group = [(unit, future) for unit, future in queued if future.set_running_or_notify_cancel()]
        if not group:
            return
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._writer_engine.connect() as connection, connection.begin():
                if not self.is_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
                outcomes.extend(_run_unit(connection, unit, future) for unit, future in group)
        except BaseException as failure:  # the commit itself failed: nothing of the group is there
            _call(self._abort_listeners)
            for _, future in group:
                future.set_exception(failure)
            return
        for future, result, error in outcomes:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        _call(self._listeners)


def _call(listeners: Iterable[Callable[[], None]]) -> None:
    """One listener's error is its own: the writer must go on, and so must the other listeners."""
    for listener in listeners:
        try:
            listener()
        except Exception:
            logger.exception("a listener of the database failed")


def write_engine(url: str) -> Engine:
    """An engine for one writing connection at a time, as the writer uses it; for migrations and bulk moves."""
    return _engine(url, 1, write=True)


def read_engine(url: str) -> Engine:
    """An engine that only reads and takes no lock that a writer would wait for."""
    return _engine(url, 1, write=False)


def _run_unit(
    connection: Connection, unit: Unit[Any], future: Future[Any]
) -> tuple[Future[Any], Any, BaseException | None]:
    # Said to the driver directly: SQLAlchemy's own savepoints cost as much as a small unit's statements together.
    cursor = connection.connection.cursor()
    try:
        cursor.execute("SAVEPOINT unit")
        try:
            result = unit(connection)
        except Exception as error:
            cursor.execute("ROLLBACK TO SAVEPOINT unit")
            cursor.execute("RELEASE SAVEPOINT unit")
            return future, None, error
        cursor.execute("RELEASE SAVEPOINT unit")
        return future, result, None
    finally:
        cursor.close()


def _engine(url: str, size: int, *, write: bool) -> Engine:
    if not url.startswith("sqlite"):
        options: dict[str, Any] = {"pool_size": size, "max_overflow": size}
        if not write:
            options["isolation_level"] = "REPEATABLE READ"
        return sa.create_engine(url, **options)
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
