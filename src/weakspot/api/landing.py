"""From the writer's thread to the event loop: one wake-up for a whole group of commits, not one for each of them."""

from __future__ import annotations

import asyncio
import collections
import threading
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Landing:
    """Lets coroutines wait for what another thread finishes. Made and used on one event loop.

    A coroutine that is cancelled stops waiting; what it waited for goes on.
    """

    def __init__(self) -> None:
        self._landed: collections.deque[tuple[asyncio.Future[Any], Future[Any]]] = collections.deque()
        self._lock = threading.Lock()
        self._is_told = False

    async def wait(self, future: Future[T]) -> T:
        """The future's result, or what it raises."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()

        def land(done: Future[T]) -> None:
            self._landed.append((waiting, done))
            with self._lock:
                is_told, self._is_told = self._is_told, True
            if not is_told:
                loop.call_soon_threadsafe(self._deliver)

        future.add_done_callback(land)
        return await waiting

    def _deliver(self) -> None:
        with self._lock:
            self._is_told = False
        while self._landed:
            waiting, done = self._landed.popleft()
            if waiting.done():
                continue
            if done.cancelled():
                waiting.cancel()
            elif (error := done.exception()) is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())
