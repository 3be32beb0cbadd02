"""The fleet's reports, planned and encoded before the load begins: making them takes nothing from the server then."""

from __future__ import annotations

import asyncio
import functools
import itertools
import multiprocessing
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from bench._world import SECRET
from weakspot.runtime.clock import system_clock
from weakspot.simulate import Population, Rounds, Sealed, Wire, device_key

DAYS = 3
BATCH = 100
_SIZE = struct.Struct("<I")
_batch = msgspec.msgpack.Decoder(list[Sealed])


class Planner:
    """A number of deltas in a file (some 3.5 kB each), each device some days on from its last one; a process of its own
    makes them. ``close()`` it.

    A device comes again after all the others.
    """

    def __init__(self, path: Path, seed: int, devices: int, probe: int, count: int, *, tells_settings: bool) -> None:
        """path: of the file. probe: a device that is left out. count: how many reports."""
        context = multiprocessing.get_context("spawn")
        self._path = path
        self._left: list[Sealed] = []
        self._process = context.Process(
            target=_plan, args=(path, seed, devices, probe, count, tells_settings), daemon=True
        )
        self._process.start()

    def wait(self) -> None:
        """Until all are planned."""
        self._process.join()
        assert self._process.exitcode == 0, f"planning the reports failed: {self._process.exitcode}"
        self._file = self._path.open("rb")

    async def reports(self, until: float) -> AsyncIterator[Sealed]:
        """Until that moment of ``time.monotonic``, or the end; what is read already is kept for the next call."""
        while time.monotonic() < until:
            if not self._left:
                self._left = await asyncio.to_thread(self._next)
                self._left.reverse()
                if not self._left:
                    return
            yield self._left.pop()

    def close(self) -> None:
        """End the process, and remove the file."""
        self._process.kill()
        self._process.join()
        self._process.close()
        if hasattr(self, "_file"):
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _next(self) -> list[Sealed]:
        head = self._file.read(_SIZE.size)
        return _batch.decode(self._file.read(_SIZE.unpack(head)[0])) if head else []


def _plan(path: Path, seed: int, devices: int, probe: int, count: int, tells_settings: bool) -> None:
    wire = Wire(Population(seed, devices), tells_settings=tells_settings)
    rounds = Rounds(wire, functools.partial(device_key, SECRET))
    every = itertools.chain.from_iterable(rounds.deltas(DAYS, system_clock) for _ in itertools.count())
    reports = itertools.islice((one for one in every if one.device != probe), count)
    with path.open("wb") as file:
        while batch := list(itertools.islice(reports, BATCH)):
            body = msgspec.msgpack.encode(batch)
            file.write(_SIZE.pack(len(body)) + body)
