"""Reading off the event loop: a few threads, a bounded queue, one snapshot a request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from weakspot.fleet import Fleet
from weakspot.queries.base import ReadContext
from weakspot.runtime.clock import Clock
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Unavailable

T = TypeVar("T")


class Threads:
    """Runs synchronous work for the server. More waiting requests than ``queue`` are refused at once with
    503.
    """

    def __init__(self, *, threads: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="read")
        self._limit = threads + queue
        self._running = 0
        self._counting = threading.Lock()

    async def run(self, function: Callable[[], T]) -> T:
        """Run something in a thread. Raises Unavailable when too much is waiting."""
        if self._running >= self._limit:
            raise Unavailable("The server is busy; send the request again in a second.", retry_after_seconds=1)
        future = self._executor.submit(function)
        with self._counting:
            self._running += 1
        # Counted until the thread is free again, also when the caller has gone away in between.
        future.add_done_callback(self._finished)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let what runs finish, drop what waits."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _finished(self, _: Future[T]) -> None:
        with self._counting:
            self._running -= 1


class ReadPool(Threads):
    """Threads that read models run in, each on a snapshot of its own."""

    def __init__(self, database: Database, fleet: Fleet, clock: Clock, *, threads: int, queue: int) -> None:
        super().__init__(threads=threads, queue=queue)
        self._database = database
        self._fleet = fleet
        self._clock = clock

    async def read(self, function: Callable[[ReadContext], T]) -> T:
        """Run a read model on a snapshot of now."""
        return await self.run(lambda: self._with_context(function))

    def _with_context(self, function: Callable[[ReadContext], T]) -> T:
        with self._database.read() as connection:
            return function(ReadContext(connection, self._fleet, self._clock()))
