"""Keeps a ``Fleet`` in step with the database: builds it at the start, then follows ``changes`` on its own thread."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.engine import Connection

from weakspot.fleet import service, snapshots
from weakspot.fleet.checking import differences
from weakspot.fleet.index import Fleet
from weakspot.fleet.service import Hazard, Pending
from weakspot.fleet.sources import ContextTables, Tables
from weakspot.fleet.view import FleetView
from weakspot.runtime import changes
from weakspot.runtime.clock import Clock
from weakspot.runtime.database import Database
from weakspot.runtime.errors import WeakspotError

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""How often to look without being woken: another process may have written."""

FOLD_SLICE = 50
"""Vulnerabilities whose hazards are folded before changes are looked at again."""

MAX_BACKLOG = 200_000
"""Building anew is quicker than following this many changes."""

SNAPSHOT_EVERY_SECONDS = 600.0
RETRY_SECONDS = (0.1, 0.5, 2.0, 10.0)
BREATH_SECONDS = 0.001

REST = 4.0
"""Rests after a step, in times that it took: of steps that come close upon each other the reading, the copies of pages
and the closing of a view would be most of the work, and a step for several commits costs little more than for one."""
REST_AT_MOST_SECONDS = 0.012


class FleetFollower:
    """Builds ``fleet`` from a snapshot file or the database, then follows; ``stop()`` ends it.

    hazard: facts of a vulnerability to its hazard (scoring, which lies to the right, is handed in).
    raised: as hazard, where an active detection hangs on it.
    model: version of that function; a snapshot made with another one is not used.
    snapshot_path: where to keep the snapshot file; None: no file, every start builds.
    """

    def __init__(
        self,
        database: Database,
        *,
        hazard: Hazard,
        raised: Hazard = service.not_raised,
        clock: Clock,
        model: str = "",
        snapshot_path: Path | None = None,
        fleet: Fleet | None = None,
        tables: Tables | None = None,
    ) -> None:
        self.fleet = fleet if fleet is not None else Fleet()
        self.failure: str | None = None
        """Why the index does not advance; None while it does. Shown on the health page."""
        self._database = database
        self._tables = tables if tables is not None else ContextTables()
        self._hazard = hazard
        self._raised = raised
        self._clock = clock
        self._model = model
        self._snapshot_path = snapshot_path
        self._snapshot_seq = 0
        self._keeping: threading.Thread | None = None
        self._rested = 0.0
        """Processor seconds of the thread that writes the snapshot file when it last rested."""
        self._pending = Pending()
        self._rebuild_next = False
        self._wake = threading.Event()
        self._heard = 0.0
        """When the oldest commit that was not taken yet was heard of; 0: there is none."""
        self._stopping = threading.Event()
        self._stepping = threading.Lock()
        self._breath = time.perf_counter()
        if not self._restore():
            with database.read() as conn:
                self._build(conn)
        database.on_commit(self._hear)
        self._thread = threading.Thread(target=self._run, name="fleet-follower", daemon=True)
        self._thread.start()

    def compare(self) -> list[str]:
        """Bring the index to one snapshot of the database and compare it there with one built anew: the first
        differences in words, none when all is well. Safe under load: following waits only while it catches up.

        A device that fell silent counts until the activity sweep has said so; run that first.
        """
        with self._database.read() as conn:
            with self._stepping:
                view = self._catch_up(conn)
            fresh = Fleet()
            service.load(
                self._tables, conn, fresh, self._hazard, self._clock(), pause=self._breathe, raised=self._raised
            )
            return differences(view, fresh.view())

    def _catch_up(self, conn: Connection) -> FleetView:
        """Take all that the snapshot holds, large folds included."""
        with self._losing_nothing():
            if self._rebuild_next:
                self._build(conn)
            while not self._apply(self._next_work(conn, may_be_ahead=True)):
                pass
        return self.fleet.view()

    @contextlib.contextmanager
    def _losing_nothing(self) -> Iterator[None]:
        """After an error, what was noted may be half taken: say so before anybody else can go on from there."""
        try:
            yield
        except BaseException:
            self._rebuild_next = True
            raise

    def wake(self) -> None:
        """Look for changes now: another process wrote."""
        self._wake.set()

    def _hear(self) -> None:
        self._heard = self._heard or time.perf_counter()
        self._wake.set()

    def stop(self) -> None:
        """Stop following and write the snapshot file. Idempotent."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._wake.set()
        self._thread.join()
        if self._keeping is not None:
            self._keeping.join()
        self._write_snapshot()

    def _run(self) -> None:
        failures = 0
        next_snapshot = time.monotonic() + SNAPSHOT_EVERY_SECONDS
        while not self._stopping.is_set():
            self._wake.clear()
            heard, self._heard = self._heard, 0.0
            began = time.perf_counter()
            try:
                is_idle = self._step()
            except Exception as error:
                failures += 1
                self.failure = f"The fleet index does not advance: {error}"
                log.exception("fleet index: following failed, attempt %d", failures)
                self._stopping.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1])
                continue
            failures, self.failure = 0, None
            if heard:
                self.fleet.lag.note(time.perf_counter() - heard)
            if is_idle:
                if time.monotonic() >= next_snapshot:
                    self._keep()
                    next_snapshot = time.monotonic() + SNAPSHOT_EVERY_SECONDS
                self._stopping.wait(min(REST * (time.perf_counter() - began), REST_AT_MOST_SECONDS))
                self._wake.wait(POLL_SECONDS)

    def _step(self) -> bool:
        """Take what is new, or fold a slice of hazards; True when nothing is left to do."""
        with self._stepping, self._losing_nothing():
            with self._database.read() as conn:
                if self._rebuild_next:
                    self._build(conn)
                work = self._next_work(conn)
            self._breath = time.perf_counter()
            return self._apply(work)

    def _next_work(self, conn: Connection, *, may_be_ahead: bool = False) -> service.Work | None:
        if not self._note(conn, may_be_ahead) or self._pending.everything:
            self._build(conn)
        view = self.fleet.view()
        if not self._pending and self._pending.seq <= view.facts_seq:
            return None
        return service.next_work(
            self._tables, conn, view, self._pending, self._hazard, self._clock(), raised=self._raised
        )

    def _apply(self, work: service.Work | None) -> bool:
        if work is None:
            return self.fleet.fold_hazards(FOLD_SLICE, pause=self._breathe)
        if work.hazards:
            self.fleet.begin_hazards(work.hazards)
        self.fleet.apply(work.batch, pause=self._breathe)
        return not self._pending and not self.fleet.is_folding

    def _note(self, conn: Connection, may_be_ahead: bool) -> bool:
        """Note what is new; False where that cannot be told: our position is not in the outbox any more (pruned, or
        another database), or it is too far behind. may_be_ahead: the snapshot may be older than the last step.
        """
        seq = self._pending.seq
        # The row at our own position is read with those after it: while it is there, nothing after it was pruned.
        rows = list(changes.since(conn, seq - 1, limit=MAX_BACKLOG + 2))
        if rows and rows[0].seq == seq:
            del rows[0]
        elif changes.first_seq(conn) > seq + 1 or (changes.last_seq(conn) < seq and not may_be_ahead):
            return False
        for change in rows:
            self._pending.note(change)
        return len(rows) <= MAX_BACKLOG

    def _build(self, conn: Connection) -> None:
        started = time.perf_counter()
        service.load(
            self._tables, conn, self.fleet, self._hazard, self._clock(), pause=self._breathe, raised=self._raised
        )
        self._pending = Pending()
        self._pending.seq = self.fleet.seq
        self._rebuild_next = False
        log.info("fleet index: built to change %d in %.2f s", self.fleet.seq, time.perf_counter() - started)

    def _restore(self) -> bool:
        if self._snapshot_path is None or not self._snapshot_path.exists():
            return False
        try:
            view, stamp = snapshots.read(self._snapshot_path)
        except (OSError, WeakspotError) as error:
            log.warning("fleet index: snapshot not used: %s", error)
            return False
        with self._database.read() as conn:
            if stamp != self._stamp(view.seq, snapshots.moment_of(conn, view.seq)):
                log.warning("fleet index: snapshot not used: it is not of this database or this scoring model")
                return False
        self.fleet.replace(view)
        self._pending.seq = self._snapshot_seq = view.seq
        return True

    def _keep(self) -> None:
        """Write the snapshot file beside the following: a view never changes, and reports must not wait for a disk."""
        if self._keeping is None or not self._keeping.is_alive():
            self._rested = 0.0
            self._keeping = threading.Thread(
                target=self._write_snapshot, args=(self._rest,), name="fleet-snapshot", daemon=True
            )
            self._keeping.start()

    def _write_snapshot(self, rest: Callable[[], None] | None = None) -> None:
        view = self.fleet.view()
        is_whole = view.seq == view.facts_seq and not self.fleet.is_folding
        if self._snapshot_path is None or view.seq == self._snapshot_seq or not is_whole:
            return
        try:
            with self._database.read() as conn:
                stamp = self._stamp(view.seq, snapshots.moment_of(conn, view.seq))
            snapshots.write(self._snapshot_path, view, stamp, rest=rest)
            self._snapshot_seq = view.seq
        except OSError as error:
            log.warning("fleet index: snapshot not written: %s", error)

    def _rest(self) -> None:
        """Leave the interpreter to others most of the time, until the server stops."""
        busy = time.thread_time() - self._rested
        if busy > BREATH_SECONDS:
            self._stopping.wait(REST * busy)
            self._rested = time.thread_time()

    def _stamp(self, seq: int, moment: int | None) -> str:
        return f"{self._model}/{seq}/{moment}"

    def _breathe(self) -> None:
        """Let other threads run now and then: a fold would otherwise keep the interpreter for its switch interval."""
        if time.perf_counter() - self._breath > BREATH_SECONDS:
            time.sleep(0)
            self._breath = time.perf_counter()
