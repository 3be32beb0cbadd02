"""Periodic work inside the server: one thread, one job at a time, a failure never stops the others."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Sequence

import msgspec

logger = logging.getLogger(__name__)


class Job(msgspec.Struct, frozen=True):
    """Something to run every ``seconds`` (counted from the end of the last run), first after
    ``first_seconds``.
    """

    name: str
    seconds: float
    run: Callable[[], object]
    first_seconds: float = 0.0
    is_everywhere: bool = False
    """Run in each of several server processes on one database; others run in the leading one alone."""


class Schedule:
    """Runs jobs until ``stop()``. ``is_leader``: asked before each job that one process does for all."""

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        now: Callable[[], float] = time.monotonic,
        is_leader: Callable[[], bool] = lambda: True,
    ) -> None:
        self._now = now
        self._is_leader = is_leader
        self._stopping = threading.Event()
        self._queue = [(now() + job.first_seconds, number, job) for number, job in enumerate(jobs)]
        heapq.heapify(self._queue)
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the job that runs finish, then end. Idempotent."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while self._queue and not self._stopping.is_set():
            due, number, job = self._queue[0]
            wait = due - self._now()
            if wait > 0:
                self._stopping.wait(min(wait, 60.0))
                continue
            heapq.heappop(self._queue)
            try:
                if job.is_everywhere or self._is_leader():
                    job.run()
            except Exception:
                logger.exception("job failed; it runs again at its next time", extra={"fields": {"job": job.name}})
            heapq.heappush(self._queue, (self._now() + job.seconds, number, job))
