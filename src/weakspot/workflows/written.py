"""What people write as knowledge of their own: kept at once, and in force as soon as its source has been read again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.engine import Connection

from weakspot.intel import Progress, Reader
from weakspot.runtime.errors import Unavailable
from weakspot.workflows.apply_knowledge import SyncOutcome, apply_knowledge
from weakspot.workflows.services import Services

WAIT_SECONDS = 5.0


class Written:
    """Reads one source again after a change. ``busy`` is held by whoever loads intelligence; ``is_any``: whether there
    is anything to read, or still something in force from before.
    """

    def __init__(
        self,
        services: Services,
        busy: threading.Lock,
        knowledge: Callable[[], tuple[str, Callable[[Progress], Reader]]],
        is_any: Callable[[Connection], bool],
    ) -> None:
        self._services, self._busy = services, busy
        self._knowledge, self._is_any = knowledge, is_any
        self._is_pending = threading.Event()
        # What the last server kept and did not live to apply.
        self._is_pending.set()

    def apply(self) -> SyncOutcome | None:
        """Bring a change into force; None where feeds are being loaded, then ``catch_up`` does it. Raises Unavailable
        when the source could not be read.
        """
        self._is_pending.set()
        if not self._busy.acquire(timeout=WAIT_SECONDS):
            return None
        try:
            return self._read()
        finally:
            self._busy.release()

    def catch_up(self) -> None:
        """Bring into force what could not be when it was written; nothing to do most of the time."""
        if self._is_pending.is_set() and self._busy.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._busy.release()

    def _read(self) -> SyncOutcome | None:
        self._is_pending.clear()
        with self._services.database.read() as conn:
            if not self._is_any(conn):
                return None
        (outcome,) = apply_knowledge(self._services, [self._knowledge()], lambda *_: None)
        if outcome.status == "failed":
            self._is_pending.set()
            raise Unavailable(f"The change is kept and not in force yet: {outcome.reason}")
        return outcome
