"""Telling trackers: what waits in the outbox is told until it is acknowledged; states are asked for now and then.

Each ticket's entries go in their order, several tickets at once. A ticket is looked for by its key before it is made,
so that an answer that was lost, or a server that ended in between, does not make a second one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec
from sqlalchemy.engine import Connection

from weakspot.remediation import drafting, service, store, tickets_store, trackers
from weakspot.remediation.contracts import OutboxEntry, Ticket, Tracker
from weakspot.remediation.trackers.base import (
    Make,
    Remote,
    TrackerBusy,
    TrackerClient,
    TrackerError,
    TrackerRefused,
)
from weakspot.runtime.clock import SECOND, Clock, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Unavailable, WeakspotError
from weakspot.runtime.secrets import RandomBytes, system_random
from weakspot.runtime.vault import Vault

logger = logging.getLogger(__name__)

T = TypeVar("T")
AT_ONCE = 200
WORKERS = 4
REST_SECONDS = 0.25
POLL_SECONDS = 2.0
FIRST_RETRY: Micros = 2 * SECOND
LAST_RETRY: Micros = 3600 * SECOND
CHECK_EVERY: Micros = 300 * SECOND
"""How often the state of an open ticket is asked for."""
CHECKED_AT_ONCE = 100


class Deliverer:
    """Delivers on a thread of its own. ``step`` is one round, for tests and for whoever wants no thread."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        random: RandomBytes = system_random,
        makers: Mapping[str, Make] = trackers.ALL,
        is_leader: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._random = random
        self._makers = makers
        self._is_leader = is_leader
        self._not_before: dict[int, Micros] = {}
        self._clients: dict[int, tuple[Tracker, TrackerClient]] = {}
        self._clients_lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trackers", daemon=True)

    def start(self) -> None:
        """Begin; woken by every commit."""
        self._database.on_commit(self._wake.set)
        self._thread.start()

    def stop(self) -> None:
        """Let what is being told finish, then end. Idempotent."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> int:
        """Tell what is due; how many entries were tried."""
        now = self._clock()
        with self._database.read() as conn:
            soonest = tickets_store.next_time(conn)
            if soonest is None or soonest > now:
                return 0
            resting = [one for one, until in self._not_before.items() if until > now]
            due = tickets_store.waiting(conn, now, AT_ONCE, resting)
        if not due:
            return 0
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="tracker") as pool:
            list(pool.map(self._deliver, due))
        return len(due)

    def check(self) -> int:
        """Ask for the states of open tickets whose turn it is; how many were asked for."""
        now = self._clock()
        with self._database.read() as conn:
            known = [one for one in tickets_store.trackers(conn) if one.is_enabled]
            wanted = [
                one
                for tracker in known
                if tracker.kind in self._makers and trackers.IS_READABLE[tracker.kind]
                for one in tickets_store.unchecked(conn, tracker.id, now - CHECK_EVERY, CHECKED_AT_ONCE)
            ]
        for ticket in wanted:
            if self._stopping.is_set():
                break
            self._check(ticket, now)
        return len(wanted)

    def client(self, conn: Connection, tracker_id: int) -> TrackerClient | None:
        """The client of a tracker; None when there is none that is switched on. Raises TrackerRefused, Unavailable."""
        found = tickets_store.tracker_of(conn, tracker_id)
        if found is None or not found[0].is_enabled or found[0].kind not in self._makers:
            return None
        plain = msgspec.structs.replace(found[0], failing_since=None, failure="")
        with self._clients_lock:
            kept = self._clients.get(tracker_id)
            if kept is None or kept[0] != plain:
                secrets = self._vault.open(found[1], purpose(tracker_id))
                kept = self._clients[tracker_id] = (plain, self._makers[plain.kind](plain.settings, secrets))
            return kept[1]

    def _run(self) -> None:
        next_check = 0.0
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if self._is_leader():
                    if self.step():
                        continue
                    if time.monotonic() >= next_check:
                        next_check = time.monotonic() + POLL_SECONDS
                        if self.check():
                            next_check = 0.0
                            continue
            except Unavailable:
                pass
            except Exception:
                logger.exception("telling trackers failed; it is tried again")
            # Most commits are no news for trackers, and a busy server has hundreds a second.
            self._stopping.wait(REST_SECONDS)
            self._wake.wait(POLL_SECONDS)

    def _deliver(self, entry: OutboxEntry) -> None:
        with self._database.read() as conn:
            ticket = tickets_store.ticket_of(conn, entry.ticket_id)
        if ticket is None or self._not_before.get(ticket.tracker_id, 0) > self._clock():
            return
        try:
            remote = self._tell(entry, ticket)
        except TrackerError as error:
            self._postpone(entry, ticket, error)
        except WeakspotError as error:
            self._postpone(entry, ticket, TrackerRefused(error.detail))
        except Exception as error:  # an answer in a shape that nobody expects
            logger.exception("a tracker's answer is not understood")
            self._postpone(
                entry, ticket, TrackerBusy(f"The tracker's answer is not understood: {type(error).__name__}.")
            )
        else:
            self._note(entry, ticket, remote)

    def _tell(self, entry: OutboxEntry, ticket: Ticket) -> Remote | None:
        with self._database.read() as conn:
            client = self.client(conn, ticket.tracker_id)
            activity = store.get(conn, ticket.activity_id)
            draft = drafting.draft_of(conn, activity, ticket) if activity and entry.action == "create" else None
        if client is None or activity is None:
            raise TrackerRefused("The tracker is switched off.")
        if draft is not None:
            return client.find(ticket.key) or client.create(draft)
        if ticket.remote_id is None:
            raise TrackerBusy("The ticket is not there yet.")
        # The number tells one message from the next, and a repeated one from a new one.
        text = f"{entry.text}\nReference: {ticket.key}/{entry.id}"
        if entry.action == "close":
            client.close(ticket.remote_id, text)
        elif entry.action == "reopen":
            client.reopen(ticket.remote_id, text)
        else:
            client.comment(ticket.remote_id, text)
        return None

    def _note(self, entry: OutboxEntry, ticket: Ticket, remote: Remote | None) -> None:
        now = self._clock()

        def unit(conn: Connection) -> None:
            if not tickets_store.delivered(conn, entry.id):
                return
            tickets_store.change_tracker(conn, ticket.tracker_id, failing_since=None, failure="")
            kept = tickets_store.ticket_of(conn, ticket.id)
            if kept is None:
                return
            if remote is not None:
                tickets_store.change_ticket(conn, ticket.id, remote_id=remote.id, url=remote.url[:2_000])
                service.hear(conn, kept, remote.state, remote.note, now)
            elif entry.action == "close":
                service.hear(conn, kept, "Completed", entry.text, now)

        self._database.write(unit)

    def _postpone(self, entry: OutboxEntry, ticket: Ticket, error: TrackerError) -> None:
        now = self._clock()
        wait = self._wait(entry.attempts, error)
        if isinstance(error, TrackerBusy) and error.retry_after:
            self._not_before[ticket.tracker_id] = now + wait
        text = str(error)[:500]

        def unit(conn: Connection) -> None:
            tickets_store.postpone(conn, entry.id, entry.attempts + 1, now + wait, text)
            found = tickets_store.tracker_of(conn, ticket.tracker_id)
            since = now if found is None or found[0].failing_since is None else found[0].failing_since
            tickets_store.change_tracker(conn, ticket.tracker_id, failing_since=since, failure=text)

        self._database.write(unit)

    def _wait(self, attempts: int, error: TrackerError) -> Micros:
        """Doubled each time, a fifth more or less so that entries do not come in step; at least what was asked for."""
        wait = min(FIRST_RETRY << min(attempts, 20), LAST_RETRY)
        if isinstance(error, TrackerRefused):
            wait = max(wait, 30 * FIRST_RETRY)
        wait = wait * (80 + self._random(1)[0] * 40 // 255) // 100
        asked = int((error.retry_after or 0) * SECOND) if isinstance(error, TrackerBusy) else 0
        return max(wait, asked)

    def _check(self, ticket: Ticket, now: Micros) -> None:
        """Ask for one state. A ticket that is open there though its activity is completed is closed again."""
        remote: Remote | None = None
        try:
            with self._database.read() as conn:
                client = self.client(conn, ticket.tracker_id)
            if client is not None and ticket.remote_id is not None:
                remote = client.read(ticket.remote_id)
        except (TrackerError, WeakspotError) as error:
            logger.info("a ticket's state is not known", extra={"fields": {"ticket": ticket.key, "why": str(error)}})

        def unit(conn: Connection) -> None:
            tickets_store.change_ticket(conn, ticket.id, checked_at=now)
            kept = tickets_store.ticket_of(conn, ticket.id)
            if kept is None or remote is None:
                return
            waits = ticket.id in tickets_store.backlog(conn)
            if not waits:
                service.hear(conn, kept, remote.state, remote.note, now)
                activity = store.get(conn, ticket.activity_id)
                if activity is not None and activity.state == "Completed" and remote.state in ("Pending", "Accepted"):
                    tickets_store.put(conn, ticket.id, "close", "The activity is completed.", now)

        self._database.write(unit)


def purpose(tracker_id: int) -> str:
    """What a tracker's secrets are sealed for."""
    return f"tracker:{tracker_id}"
