"""Reactions to ``changes``: each follows the outbox with a position of its own, kept with what it wrote.

A reaction first looks (on a snapshot, in this thread) and then says what to write; position and writes are one unit of
work, so that nothing is lost or done twice whenever the server ends. It must be idempotent all the same: after rows
were pruned it is told to catch up from the tables.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime import changes
from weakspot.runtime.changes import Change
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.tables import position

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
RETRY_SECONDS = 2.0
REST = 19.0
"""Rests after a round, in times that the round took. Under a steady load rounds come seldom and each takes more changes
at once, so that reactions take at most a twentieth of a core from what waits for an answer."""
REST_AT_MOST_SECONDS = 1.0
AT_ONCE = 5_000
SAVE_EVERY = 5_000
"""Rows of no interest that may pass before the position is written for their sake alone."""

Unit = Callable[[Connection], object]


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """Something that follows.

    look: what the changes (of these kinds, oldest first) call for, read on a snapshot; None: nothing to write.
    catch_up: the same without changes, where rows were missed or (``from_start``) at the very first; None: nothing.
    forget: what it remembers of what it wrote may not be so: a unit of work failed, or another process went on.
    """

    name: str
    kinds: frozenset[str]
    look: Callable[[Connection, Sequence[Change]], Unit | None]
    catch_up: Callable[[Connection], Unit | None] = lambda _: None
    forget: Callable[[], None] = lambda: None


class Followers:
    """Runs reactions on one thread, in their order. ``start`` begins, ``stop`` ends; ``step`` is one round.

    is_leader: asked before each round; of several processes, one reacts for all.
    """

    def __init__(
        self, database: Database, reactions: Sequence[Reaction], *, is_leader: Callable[[], bool] = lambda: True
    ) -> None:
        self._is_leader = is_leader
        self._database = database
        self._reactions = tuple(reactions)
        self._positions: dict[str, int] = {}
        self._saved: dict[str, int] = {}
        self._ahead: tuple[int, list[Change]] | None = None
        self._last: int | None = None
        """The newest change that this round has seen."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._stepping = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="followers", daemon=True)

    def start(self) -> None:
        """Begin; woken by every commit from now on."""
        self._database.on_commit(self._wake.set)
        self._thread.start()

    def stop(self) -> None:
        """Let the round that runs finish, note the positions, then end. Idempotent."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        with contextlib.suppress(Unavailable):
            for name, seq in self._positions.items():
                self._save(name, seq)

    def step(self) -> bool:
        """One round over all reactions; whether there was something for any. Errors are logged and tried again."""
        found = False
        with self._stepping:
            self._ahead = self._last = None
            for reaction in self._reactions:
                try:
                    found = self._follow(reaction) or found
                except Unavailable:
                    reaction.forget()
                    return False
                except Exception:
                    logger.exception("a follower failed; it tries again", extra={"fields": {"follower": reaction.name}})
                    self._positions.pop(reaction.name, None)
                    reaction.forget()
                    self._stopping.wait(RETRY_SECONDS)
        return found

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            began = time.monotonic()
            if not self._is_leader():
                self._positions.clear()
                for reaction in self._reactions:
                    reaction.forget()
                self._wake.wait(POLL_SECONDS)
            elif self.step():
                self._stopping.wait(min(REST * (time.monotonic() - began), REST_AT_MOST_SECONDS))
            else:
                self._wake.wait(POLL_SECONDS)

    def _follow(self, reaction: Reaction) -> bool:
        if self._last is not None and self._positions.get(reaction.name) == self._last:
            return False  # what came since wakes the next round
        with self._database.read() as conn:
            seq = self._position(conn, reaction.name)
            last = self._last = changes.last_seq(conn)
            if seq is None or seq > last or changes.first_seq(conn) > seq + 1:
                unit, upto = reaction.catch_up(conn), last
            elif seq == last:
                return False
            else:
                rows = self._rows(conn, seq)
                upto = rows[-1].seq
                wanted = [row for row in rows if row.kind in reaction.kinds]
                unit = reaction.look(conn, wanted) if wanted else None
        self._advance(reaction.name, upto, unit, is_new=seq is None)
        return True

    def _rows(self, conn: Connection, seq: int) -> list[Change]:
        """Changes after ``seq``; what one reaction of a round read serves the others, most of which stand there too."""
        if self._ahead is None or self._ahead[0] != seq:
            self._ahead = seq, list(changes.since(conn, seq, limit=AT_ONCE))
        return self._ahead[1]

    def _position(self, conn: Connection, name: str) -> int | None:
        if name not in self._positions:
            found = conn.execute(sa.select(position.c.seq).where(position.c.name == name)).scalar_one_or_none()
            if found is None:
                return None
            self._positions[name] = self._saved[name] = int(found)
        return self._positions[name]

    def _advance(self, name: str, seq: int, unit: Unit | None, *, is_new: bool) -> None:
        if unit is not None:

            def both(conn: Connection) -> None:
                unit(conn)
                _write(conn, name, seq)

            self._database.write(both)
            self._saved[name] = seq
        elif is_new or seq - self._saved.get(name, 0) >= SAVE_EVERY:
            self._save(name, seq)
        self._positions[name] = seq

    def _save(self, name: str, seq: int) -> None:
        if self._saved.get(name) != seq:
            self._database.write(lambda conn: _write(conn, name, seq))
            self._saved[name] = seq


def _write(conn: Connection, name: str, seq: int) -> None:
    mine = position.c.name == name
    if conn.execute(position.update().where(mine).values(seq=seq)).rowcount == 0:
        conn.execute(position.insert().values(name=name, seq=seq))
