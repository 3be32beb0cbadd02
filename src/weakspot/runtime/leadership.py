"""Several server processes on one PostgreSQL: who leads, and how each hears of what the others committed.

All processes answer requests and write; the lock that every group of writes takes (``runtime.database``) puts them in
one order. What must be done once for all (scheduled jobs) is done by the leader: the process that holds a session lock.
When it ends, or loses its connection, the lock is free and another takes it (docs/decisions/0008). On SQLite the one
process that has the data folder leads.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from weakspot.runtime.database import CHANGED, Database
from weakspot.runtime.engine import CONNECT_SECONDS

logger = logging.getLogger(__name__)

_LEADER = 0x5745414E
_LISTEN_SECONDS = 1.0
_RETRY_SECONDS = 2.0


class Leadership:
    """Whether this process leads. ``close()`` gives the lead up. Safe from any thread.

    ask_every_seconds: how often a process that does not lead looks whether the lead is free; each time costs a
    connection.
    """

    def __init__(self, database: Database, *, ask_every_seconds: float = 1.0) -> None:
        self._ask_every = ask_every_seconds
        self._ask_from = 0.0
        self._engine: Engine | None = None
        if not database.is_sqlite:
            self._engine = sa.create_engine(
                database.url,
                poolclass=sa.pool.NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "weakspot leader"},
            )
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def is_leader(self) -> bool:
        """Whether this process leads now; takes the lead where nobody has it."""
        if self._engine is None:
            return True
        with self._lock:
            if self._is_closed:
                return False
            try:
                return self._still_leads() or self._takes_the_lead(self._engine)
            except sa.exc.DBAPIError as error:
                logger.warning("leadership: the database does not answer: %s", error.orig)
                self._drop()
                return False

    def close(self) -> None:
        """Let another process lead. Idempotent."""
        with self._lock:
            self._is_closed = True
            if self._connection is not None:
                # Closing alone would leave it taken for the moment until the database notices.
                with contextlib.suppress(sa.exc.DBAPIError):
                    self._connection.execute(sa.select(sa.func.pg_advisory_unlock(_LEADER)))
            self._drop()

    def _still_leads(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except sa.exc.DBAPIError:
            logger.warning("leadership: lost, for its connection broke")
            self._drop()
            return False
        return True

    def _takes_the_lead(self, engine: Engine) -> bool:
        if time.monotonic() < self._ask_from:
            return False
        self._ask_from = time.monotonic() + self._ask_every
        connection = engine.connect()
        if connection.execute(sa.select(sa.func.pg_try_advisory_lock(_LEADER))).scalar_one():
            logger.info("leadership: this process leads")
            self._connection = connection
            return True
        connection.close()
        return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class Listener:
    """Calls ``heard`` when another process has committed; a thread of its own. Nothing on SQLite: there is no other.

    Who follows must look by itself now and then all the same: what happens while the connection is broken is not heard.
    """

    def __init__(self, database: Database, heard: Callable[[], None]) -> None:
        self._url = database.url
        self._heard = heard
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        if not database.is_sqlite:
            self._thread = threading.Thread(target=self._run, name="database-listener", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread. Idempotent."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        import psycopg

        where = sa.make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    where, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="weakspot listener"
                ) as connection:
                    connection.execute(f"LISTEN {CHANGED}")
                    self._heard()  # whatever was missed
                    self._listen(connection)
            except psycopg.Error as error:
                logger.warning("listening to other servers: %s", error)
                self._stopping.wait(_RETRY_SECONDS)

    def _listen(self, connection: object) -> None:
        while not self._stopping.is_set():
            for _ in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):  # type: ignore[attr-defined]
                self._heard()
