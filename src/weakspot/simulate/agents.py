"""Simulated agents against a real server, through the same protocol as sensors: staggered, with failures.

A report without an answer is sent again as it is (the server recognises it); one that the server refuses because it
holds another inventory is followed by a full one.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from weakspot.inventory.contracts import EnrolAnswer, EnrolRequest
from weakspot.runtime.clock import Clock
from weakspot.runtime.errors import Unavailable
from weakspot.simulate.client import Connection
from weakspot.simulate.reports import Agent, Planned, Sealed

T = TypeVar("T")

ENROL = "/api/sensor/v1/enrol"
REPORTS = "/api/sensor/v1/reports"
_TRIES = 8
_RETRY_SECONDS = 0.2
_RESYNC = 409

_answers = msgspec.json.Decoder(EnrolAnswer)


class Sent(msgspec.Struct):
    """What came of a run. ``seconds``: request to answer, of accepted reports; ``late``: how long after its time the
    slowest request began."""

    accepted: int = 0
    full: int = 0
    resyncs: int = 0
    retries: int = 0
    refused: int = 0
    late: float = 0.0
    seconds: list[float] = []
    reasons: dict[str, int] = {}


class Line:
    """A few connections that many agents share. ``failure_share``: requests (0-1) whose connection is cut on purpose
    after they were sent, so that their answer is lost.
    """

    def __init__(
        self, url: str, *, connections: int = 16, trust: ssl.SSLContext | None = None, failure_share: float = 0.0,
        seed: int = 0,
        tries: int = _TRIES,
    ) -> None:  # fmt: skip
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        self._all = [Connection(url, trust) for _ in range(connections)]
        for one in self._all:
            self._free.put_nowait(one)
        self._failure_share = failure_share
        self._tries = tries
        self._random = random.Random(seed)  # noqa: S311 - decides which answers are lost, nothing secret
        self._turns: dict[int, asyncio.Lock] = {}
        self.sent = Sent()

    async def close(self) -> None:
        """Close every connection."""
        for one in self._all:
            await one.close()

    async def enrol(self, agent: Agent, token: str, day: int) -> None:
        """Get the agent its key. Raises Unavailable with the server's answer where that fails."""
        body = msgspec.json.encode(EnrolRequest(token=token, device=agent.described(day)))
        status, answer = await self._post(ENROL, agent.key, body, may_fail=False)
        if status != 200:
            raise Unavailable(f"The server did not enrol a simulated device: {status} {answer[:200]!r}.")
        found = _answers.decode(answer)
        agent.key, agent.public_id = found.device_key, found.device_id

    async def report(self, agent: Agent, planned: Planned) -> int:
        """Send one report until it is answered. Returns the status; an accepted report is confirmed to the agent."""
        sealed = Sealed(agent.device, agent.key, planned.report.kind, planned.encoded())
        status = await self.deliver(sealed)
        if status == 200:
            agent.confirmed(planned)
        elif _is_resync(status, sealed):
            agent.refused()
        return status

    async def deliver(self, sealed: Sealed) -> int:
        """Send one report that was encoded before, until it is answered. Returns the status.

        As of a real sensor, one report of a device is on its way at a time, in the order that they are given in.
        """
        async with self._turns.setdefault(sealed.device, asyncio.Lock()):
            return await self._deliver(sealed)

    async def _deliver(self, sealed: Sealed) -> int:
        started = time.perf_counter()
        status, answer = await self._post(REPORTS, sealed.key, sealed.body, may_fail=True)
        if status == 200:
            self.sent.accepted += 1
            self.sent.full += sealed.kind == "full"
            self.sent.seconds.append(time.perf_counter() - started)
        elif _is_resync(status, sealed):
            self.sent.resyncs += 1
        else:
            self.sent.refused += 1
            told = answer[:300].decode("utf-8", "replace")
            self.sent.reasons[told] = self.sent.reasons.get(told, 0) + 1
        return status

    async def send(self, path: str, body: bytes, *, may_fail: bool) -> tuple[int, bytes]:
        """Any request of another protocol, sent until it is answered. Returns status and answer."""
        return await self._post(path, "", body, may_fail=may_fail)

    async def _post(self, path: str, key: str, body: bytes, *, may_fail: bool) -> tuple[int, bytes]:
        for attempt in range(self._tries):
            connection = await self._free.get()
            try:
                if may_fail and self._random.random() < self._failure_share:
                    await self._lose(connection, path, key, body)
                    continue
                answer = await connection.request("POST", path, key, body)
                if answer.status not in (429, 503):
                    return answer.status, answer.body
            except ConnectionError:
                if attempt == self._tries - 1:
                    raise
            finally:
                self._free.put_nowait(connection)
            self.sent.retries += 1
            await asyncio.sleep(_RETRY_SECONDS * 2**attempt)
        return 503, b""

    async def _lose(self, connection: Connection, path: str, key: str, body: bytes) -> None:
        """Send, and go away before the answer."""
        self.sent.retries += 1
        going = asyncio.ensure_future(connection.request("POST", path, key, body))
        await asyncio.sleep(0.002)
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await connection.close()


async def enrol_all(line: Line, agents: Sequence[Agent], token: str, day: int, *, at_once: int = 64) -> None:
    """Enrol every agent that has no key yet."""
    waiting = iter([agent for agent in agents if not agent.key])

    async def work() -> None:
        for agent in waiting:
            await line.enrol(agent, token, day)

    await _all(work, at_once)


async def paced(
    line: Line,
    work: Iterable[tuple[Agent, Planned]] | AsyncIterable[tuple[Agent, Planned]],
    rate: float,
    *,
    done: Callable[[Agent, Planned], None] | None = None,
) -> float:
    """Send reports at ``rate`` a second, whatever the answers take. Returns the seconds it took.

    ``done`` is called after each accepted report. As ``at_rate`` otherwise.
    """

    async def send(one: tuple[Agent, Planned]) -> None:
        if await line.report(*one) == 200 and done is not None:
            done(*one)

    took, late = await at_rate(work, rate, send)
    line.sent.late = max(line.sent.late, late)
    return took


async def at_rate(
    work: Iterable[T] | AsyncIterable[T],
    rate: float,
    send: Callable[[T], Coroutine[Any, Any, object]],
    *,
    at_most: int | None = None,
) -> tuple[float, float]:
    """Begin to send each at ``rate`` a second, whatever that takes.

    at_most: that are on their way at once; with so many the next one waits for room, and all that follow move on as
    much. Returns the seconds it took, and how long after its time the latest began. The first that fails ends it: no
    more are begun, those on their way are awaited, and the failure is raised.
    """
    began = time.perf_counter()
    started, late, number = began, 0.0, 0
    running: set[asyncio.Task[object]] = set()
    failures: list[BaseException] = []

    def ended(task: asyncio.Task[object]) -> None:
        running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            failures.append(error)

    try:
        async for one in _each(work):
            started += await _room(running, at_most)
            wait = started + number / rate - time.perf_counter()
            await asyncio.sleep(max(0.0, wait))
            if failures:
                break
            late, number = max(late, -wait), number + 1
            task = asyncio.create_task(send(one))
            running.add(task)
            task.add_done_callback(ended)
        await asyncio.gather(*running, return_exceptions=True)
    finally:
        for task in running:
            task.cancel()
    if failures:
        raise failures[0]
    return time.perf_counter() - began, late


async def _room(running: set[asyncio.Task[object]], at_most: int | None) -> float:
    """Wait until fewer run. Returns how long that took."""
    if at_most is None or len(running) < at_most:
        return 0.0
    began = time.perf_counter()
    while len(running) >= at_most:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    return time.perf_counter() - began


async def _each(work: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(work, AsyncIterable):
        async for one in work:
            yield one
    else:
        for one in work:
            yield one


def _is_resync(status: int, sealed: Sealed) -> bool:
    return status == _RESYNC and sealed.kind == "delta"


async def live(
    line: Line, agents: Sequence[Agent], day: int, clock: Clock, rate: float, stopping: Callable[[], bool]
) -> int:
    """One simulated day: every device that is there reports what changed for it, spread over the day.

    Returns how many reports were sent. A device without changes stays quiet.
    """
    population = agents[0].wire.population if agents else None

    def work() -> Iterable[tuple[Agent, Planned]]:
        for agent in agents:
            if stopping():
                return
            if population is None or population.is_away(agent.device, day):
                continue
            planned = agent.plan(day, clock())
            if planned.is_news:
                yield agent, planned

    before = line.sent.accepted
    await paced(line, work(), rate)
    return line.sent.accepted - before


async def _all(work: Callable[[], Coroutine[None, None, None]], at_once: int) -> None:
    await asyncio.gather(*(work() for _ in range(at_once)))
