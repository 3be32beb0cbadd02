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
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.engine import advisory_lock, connectable, make_engine, read_engine, told, write_engine
from weakspot.runtime.errors import Conflict, Unavailable
from weakspot.runtime.turn import Turn

__all__ = [
    "CHANGED", "GROUP_LIMIT", "BigId", "Database", "asserted", "decided", "derived", "in_chunks", "metadata",
    "read_engine", "recorded", "sqlite_url", "write_engine",
]  # fmt: skip

logger = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")
Unit = Callable[[Connection], T]
Joint = Callable[[Connection, Sequence[Item]], Sequence[T | Exception]]
"""Does the same for several items at once. An item's own error is given in its place, and then nothing was written for
it; what is raised concerns all of them: what they wrote is taken back, and each is tried alone."""


class _Queued(msgspec.Struct, frozen=True):
    """One unit of work, or one item for a joint that does many of them; and who waits for it."""

    future: Future[Any]
    unit: Unit[Any] | None = None
    joint: Joint[Any, Any] | None = None
    item: Any = None


_Outcome = tuple[Future[Any], Any, BaseException | None]

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
GATHER_SECONDS = 0.04
"""Where items for a joint come by several, the groups begin so far apart: a group costs as much as some of its items.
Nobody else waits for it: a unit of work, or enough items, begin one at once.
"""
_ENOUGH = 16
CHANGED = "weakspot_changes"
"""Channel on which PostgreSQL tells all processes that one of them committed."""
_WRITER = 0x5745414B  # "WEAK": held to the commit on PostgreSQL, so that seq is in commit order
_BEGIN_WRITING = f"SELECT pg_advisory_xact_lock({_WRITER}), pg_notify('{CHANGED}', '')"


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
    what it raised; ``submit(unit)`` gives a Future instead. ``on_commit`` callables run on the writer thread after each
    commit that wrote something, and on another one when another process committed; they must return at once.
    """

    def __init__(self, url: str, *, readers: int = 8) -> None:
        self.url = connectable(url)
        self.is_sqlite = url.startswith("sqlite")
        self._readers = make_engine(url, readers, write=False)
        self._writer_engine = write_engine(url)
        self._writer: Connection | None = None
        self._turn: Turn | None = None
        self._busy: set[str] = set()
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._abort_listeners: list[Callable[[], None]] = []
        self._hurry = threading.Event()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def share(self) -> None:
        """Another process writes too. PostgreSQL gives the turns by itself. Before the first unit of work."""
        if self.is_sqlite:
            path = sa.make_url(self.url).database
            assert path
            self._turn = Turn(Path(f"{path}-turn"))

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every group commit."""
        self._listeners.append(listener)

    def others_committed(self) -> None:
        """Another process on this database committed: call the listeners of ``on_commit``, on this thread."""
        _call(self._listeners)

    def on_abort(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on the writer thread when a group could not be committed: caches must forget it."""
        self._abort_listeners.append(listener)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot: everything read through one connection is of one moment.

        Raises Unavailable when the database does not answer.
        """
        try:
            with self._snapshot() as connection:
                yield connection
        except Exception as error:
            meant = told(error)
            if meant is error:
                raise
            raise meant from error

    @contextlib.contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Be the only one that does ``what``, among all processes on this database, for as long as the block lasts.

        For what spans several units of work. Raises Conflict when somebody does it already.
        """
        with self._lock:
            if what in self._busy:
                raise Conflict(f"Another {what} runs already; wait until it has ended.")
            self._busy.add(what)
        try:
            with contextlib.nullcontext(True) if self.is_sqlite else advisory_lock(self.url, what) as is_mine:
                if not is_mine:
                    raise Conflict(f"Another server runs a {what} already; wait until it has ended.")
                yield
        finally:
            with self._lock:
                self._busy.discard(what)

    def submit(self, unit: Unit[T]) -> Future[T]:
        """Queue a unit of work; the Future is done after the commit (or after the unit's own failure)."""
        future: Future[T] = Future()
        self._put(_Queued(future, unit))
        return future

    def submit_item(self, joint: Joint[Item, T], item: Item) -> Future[T]:
        """As ``submit``, for work that is cheaper together: a ``joint`` is given all that waits for it at once."""
        future: Future[T] = Future()
        self._put(_Queued(future, joint=joint, item=item))
        return future

    def _put(self, queued: _Queued) -> None:
        with self._lock:
            if self._closed:
                raise Unavailable("The server is stopping; send the request again in a few seconds.")
            self._queue.put(queued)
            if queued.joint is None or self._queue.qsize() >= _ENOUGH:
                self._hurry.set()

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
                self._hurry.set()
        self._thread.join()
        self._readers.dispose()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._writer_engine.dispose()
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        # A snapshot is taken at the first read; take it now.
        first = "SELECT 1 FROM sqlite_master LIMIT 1" if self.is_sqlite else "SELECT 1"
        connection = self._readers.connect()
        try:
            connection.begin()
            try:
                connection.exec_driver_sql(first)
            except sa.exc.OperationalError as error:
                if not error.connection_invalidated:
                    raise
                # The database was started anew since this connection was used last.
                connection.close()
                connection = self._readers.connect()
                connection.begin()
                connection.exec_driver_sql(first)
            yield connection
        finally:
            connection.close()

    def _run(self) -> None:
        stopping = False
        wait_until = 0.0
        while not stopping:
            first = self._queue.get()
            if first is None:
                return
            if first.joint is not None:
                self._hurry.wait(max(0.0, wait_until - time.monotonic()))
            self._hurry.clear()
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
            is_busy = sum(one.joint is not None for one in group) > 1
            wait_until = time.monotonic() + GATHER_SECONDS if is_busy else 0.0
            self._commit_group(group)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction for one group."""
        turn = contextlib.nullcontext() if self._turn is None else self._turn.held()
        with turn, self._kept_connection() as connection:
            transaction = connection.begin()
            try:
                if not self.is_sqlite:
                    transaction = _begin_writing(connection, transaction)
                yield connection
                transaction.commit()
            except BaseException:
                if self.is_sqlite:
                    transaction.rollback()
                else:
                    connection.invalidate()  # units speak to the driver itself: nobody else notices that it is gone
                raise

    @contextlib.contextmanager
    def _kept_connection(self) -> Iterator[Connection]:
        """The writer's connection, the same one until something fails on it."""
        if self._writer is None:
            self._writer = self._writer_engine.connect()
        try:
            yield self._writer
        except BaseException:
            self._writer.close()
            self._writer = None
            raise

    def _commit_group(self, queued: list[_Queued]) -> None:
        # A caller that went away cancelled its unit; from here on it cannot, and its Future takes a result.
        group = [one for one in queued if one.future.set_running_or_notify_cancel()]
        if not group:
            return
        outcomes: list[_Outcome] = []
        try:
            with self._writing() as connection:
                for joint, some in itertools.groupby(group, lambda one: one.joint):
                    outcomes += self._run_some(connection, joint, list(some))
        except BaseException as failure:  # the commit itself failed: nothing of the group is there
            _call(self._abort_listeners)
            for one in group:
                one.future.set_exception(told(failure))
            return
        for future, result, error in outcomes:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        _call(self._listeners)

    def _run_some(self, connection: Connection, joint: Joint[Any, Any] | None, some: list[_Queued]) -> list[_Outcome]:
        if joint is None:
            return [_run_unit(connection, one.unit, one.future) for one in some if one.unit is not None]
        given = [one.item for one in some]
        _, results, error = _run_unit(connection, lambda conn: joint(conn, given), some[0].future)
        if error is None:
            return [
                (one.future, None, told(result)) if isinstance(result, Exception) else (one.future, result, None)
                for one, result in zip(some, results, strict=True)
            ]
        if len(some) == 1:
            return [(some[0].future, None, error)]
        _call(self._abort_listeners)
        return [outcome for one in some for outcome in self._run_some(connection, joint, [one])]


def _call(listeners: Iterable[Callable[[], None]]) -> None:
    """One listener's error is its own: the writer must go on, and so must the other listeners."""
    for listener in listeners:
        try:
            listener()
        except Exception:
            logger.exception("a listener of the database failed")


def _begin_writing(connection: Connection, transaction: sa.RootTransaction) -> sa.RootTransaction:
    """Wait for the turn to write, and tell the others at the commit. One dead connection is replaced by another."""
    try:
        connection.exec_driver_sql(_BEGIN_WRITING)
    except sa.exc.OperationalError as error:
        if not error.connection_invalidated:
            raise
        transaction.rollback()
        transaction = connection.begin()
        connection.exec_driver_sql(_BEGIN_WRITING)
    return transaction


def _run_unit(connection: Connection, unit: Unit[Any], future: Future[Any]) -> _Outcome:
    # Said to the driver directly: SQLAlchemy's own savepoints cost as much as a small unit's statements together.
    cursor = connection.connection.cursor()
    try:
        cursor.execute("SAVEPOINT unit")
        try:
            result = unit(connection)
        except Exception as error:
            cursor.execute("ROLLBACK TO SAVEPOINT unit")
            cursor.execute("RELEASE SAVEPOINT unit")
            return future, None, told(error)
        cursor.execute("RELEASE SAVEPOINT unit")
        return future, result, None
    finally:
        cursor.close()
