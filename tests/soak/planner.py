"""A process that plans and encodes the fleet's reports a little ahead of the one that sends them."""

from __future__ import annotations

import asyncio
import collections
import functools
import itertools
import multiprocessing
import os
import queue
import time
from collections.abc import AsyncIterator
from typing import Any

from bench._world import SECRET
from weakspot.runtime.clock import system_clock
from weakspot.simulate import Population, Rounds, Sealed, Wire, device_key

DAYS = 3
BATCH = 100
AHEAD = 60
"""Batches that wait to be sent: twenty seconds at 300 reports a second."""
_LOST_AFTER_SECONDS = 300.0


class Planner:
    """Deltas without end, each device some days on from its last one. ``close()`` it.

    A device comes again after all the others.
    """

    def __init__(self, seed: int, devices: int, probe: int, *, tells_settings: bool) -> None:
        """probe: a device that is left out."""
        context = multiprocessing.get_context("spawn")
        self._batches: Any = context.Queue(AHEAD)
        self._left: collections.deque[Sealed] = collections.deque()
        self.waited = 0.0
        """Seconds that the sender waited for this process so far."""
        self._process = context.Process(
            target=_plan, args=(self._batches, seed, devices, probe, tells_settings), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def fill(self, batches: int = AHEAD) -> None:
        """Wait until so many are planned."""
        for _ in range(batches):
            self._left.extend(self._next())

    async def reports(self, until: float) -> AsyncIterator[Sealed]:
        """Until that moment of ``time.monotonic``; what is planned already is kept for the next call."""
        while time.monotonic() < until:
            if not self._left:
                began = time.monotonic()
                self._left.extend(await asyncio.to_thread(self._next))
                self.waited += time.monotonic() - began
            yield self._left.popleft()

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        self._process.close()
        self._batches.close()
        self._batches.cancel_join_thread()

    def _next(self) -> list[Sealed]:
        deadline = time.monotonic() + _LOST_AFTER_SECONDS
        while self._process.is_alive() and time.monotonic() < deadline:
            try:
                batch: list[Sealed] = self._batches.get(timeout=1.0)
                return batch
            except queue.Empty:
                continue
        raise AssertionError("the process that plans the reports has ended, or hangs")


def _plan(batches: Any, seed: int, devices: int, probe: int, tells_settings: bool) -> None:
    os.nice(10)  # what is measured goes first
    wire = Wire(Population(seed, devices), tells_settings=tells_settings)
    rounds = Rounds(wire, functools.partial(device_key, SECRET))
    while True:
        reports = (one for one in rounds.deltas(DAYS, system_clock) if one.device != probe)
        while batch := list(itertools.islice(reports, BATCH)):
            batches.put(batch)
