"""Alerts that are asked for: connections made by people, and the walk through their pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access
from weakspot.access import Caller
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.outbound import Busy, OutboundError, Refused
from weakspot.runtime.vault import Vault
from weakspot.threats import pulls
from weakspot.threats.contracts import MAX_EVENTS
from weakspot.threats.pulls import Page, Pull
from weakspot.workflows.detections import record_detections

logger = logging.getLogger(__name__)

INTAKE = "defender"
MAX_PAGES = 100
"""Pages of one walk at one go; what is left is asked for the next time."""
_GONE = frozenset({400, 404, 410})
"""Answers to a next page that is too old."""


def add_detection_pull(
    database: Database, vault: Vault, actor: Caller, name: str, kind: str, values: Mapping[str, str], now: Micros
) -> Pull:
    """Connect a product that is asked for its alerts. Raises InvalidField, Conflict."""

    def unit(conn: Connection) -> Pull:
        made = pulls.add(conn, vault, name, kind, values, now)
        access.record_audit(conn, now, actor, "detection_pull.add", str(made.id), {"kind": kind, "name": name})
        return made

    return database.write(unit)


def switch_detection_pull(database: Database, actor: Caller, pull_id: int, is_enabled: bool, now: Micros) -> Pull:
    """Switch it on or off. Raises NotFound."""

    def unit(conn: Connection) -> Pull:
        found = pulls.switch(conn, pull_id, is_enabled)
        access.record_audit(conn, now, actor, "detection_pull.switch", str(pull_id), {"is_enabled": str(is_enabled)})
        return found

    return database.write(unit)


def remove_detection_pull(database: Database, actor: Caller, pull_id: int, now: Micros) -> None:
    """Forget it. Raises NotFound."""

    def unit(conn: Connection) -> None:
        found = pulls.remove(conn, pull_id)
        access.record_audit(conn, now, actor, "detection_pull.remove", str(pull_id), {"name": found.name})

    database.write(unit)


class PullTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What asking once gave. alerts: of the first page, since the last update that was taken; is_more: there are
    further pages. failure: why it did not work, with what to do; then nothing else is told.
    """

    is_good: bool
    alerts: int = 0
    is_more: bool = False
    failure: str = ""


def try_detection_pull(database: Database, vault: Vault, actor: Caller, pull_id: int, now: Micros) -> PullTrial:
    """Ask once, as the next walk would begin, and keep nothing of the answer. Raises NotFound."""

    def unit(conn: Connection) -> Pull:
        found = pulls.get(conn, pull_id)
        access.record_audit(conn, now, actor, "detection_pull.try", str(pull_id), {"name": found.name})
        return found

    pull = database.write(unit)
    try:
        with database.read() as conn:
            source = pulls.open_source(conn, vault, pull)
        page = source.first(pulls.start_of(pull.state, now))
    except OutboundError as error:
        return PullTrial(is_good=False, failure=str(error))
    except Unavailable as error:
        return PullTrial(is_good=False, failure=error.detail)
    return PullTrial(is_good=True, alerts=len(page.alerts), is_more=bool(page.next_link))


class DetectionPuller:
    """Asks every connection that is due. ``start_due`` is for the schedule: it never waits for another system."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._sources: dict[tuple[int, Micros], pulls.AlertSource] = {}
        self._busy = threading.Lock()

    def start_due(self) -> None:
        """Ask in a thread of its own, unless one is asking still."""
        if not self._busy.locked():
            threading.Thread(target=self.run_due, name="detection pulls", daemon=True).start()

    def run_due(self) -> int:
        """Ask all that are due, one after another; how many alerts came."""
        if not self._busy.acquire(blocking=False):
            return 0
        try:
            with self._database.read() as conn:
                found = pulls.due(conn, self._clock())
            return sum(self._safely(one) for one in found)
        finally:
            self._busy.release()

    def _safely(self, pull: Pull) -> int:
        before = pull.state.taken
        try:
            pull = self._walk(pull)
        except Exception:  # one connection must not stop the others
            logger.exception("asking for alerts failed", extra={"fields": {"connection": pull.name}})
            self._fail(pull, "Taking the alerts failed; the server's log says why.", None)
        return pull.state.taken - before

    def _walk(self, pull: Pull) -> Pull:
        """From where the last walk broke off, else from the last update that was taken."""
        started_at = pull.state.walk_started_at if pull.state.next_link else None
        started_at = self._clock() if started_at is None else started_at
        for _ in range(MAX_PAGES):
            try:
                page = self._page(pull)
            except OutboundError as error:
                return self._fail(pull, str(error), error.retry_after if isinstance(error, Busy) else None, error)
            except Unavailable as error:
                return self._fail(pull, error.detail, None)
            self._record(page.alerts)
            pull = self._note(pull, page, started_at)
            if not page.next_link:
                break
        return pull

    def _note(self, pull: Pull, page: Page, started_at: Micros) -> Pull:
        if page.next_link:
            return self._database.write(lambda conn: pulls.advance(conn, pull, page, started_at))
        now = self._clock()
        return self._database.write(lambda conn: pulls.finish(conn, pull, page, started_at, now))

    def _page(self, pull: Pull) -> Page:
        source, link = self._source(pull), pull.state.next_link
        if not link:
            return source.first(pulls.start_of(pull.state, self._clock()))
        page = source.following(link)
        if page.next_link == link:
            raise Refused("The source of alerts names the same page as the next one again.")
        return page

    def _source(self, pull: Pull) -> pulls.AlertSource:
        """Kept, with its token."""
        key = pull.id, pull.created_at
        found = self._sources.get(key)
        if found is None:
            with self._database.read() as conn:
                found = self._sources[key] = pulls.open_source(conn, self._vault, pull)
        return found

    def _record(self, alerts: list[dict[str, Any]]) -> None:
        caller = access.internal_caller("detection pull")
        for start in range(0, len(alerts), MAX_EVENTS):
            body = {"value": alerts[start : start + MAX_EVENTS]}
            record_detections(self._database, caller, INTAKE, body, self._clock())

    def _fail(self, pull: Pull, text: str, retry_after: float | None, error: OutboundError | None = None) -> Pull:
        anew = isinstance(error, Refused) and (error.status in _GONE or error.status == 0)
        now = self._clock()
        logger.warning("a source of alerts fails", extra={"fields": {"connection": pull.name, "failure": text}})
        return self._database.write(lambda conn: pulls.fail(conn, pull, text, retry_after, now, anew=anew))
