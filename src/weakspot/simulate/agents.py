"""Simulated agents against a real server, through the same protocol as sensors: staggered, with failures.

A report without an answer is sent again as it is (the server recognises it); one that the server refuses because it
holds another inventory is followed by a full one.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence

import msgspec

from weakspot.inventory.contracts import EnrolAnswer, EnrolRequest
from weakspot.runtime.clock import Clock
from weakspot.runtime.errors import Unavailable
from weakspot.simulate.client import Connection
from weakspot.simulate.reports import Agent, Planned

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
        started = time.perf_counter()
        status, answer = await self._post(REPORTS, agent.key, planned.encoded(), may_fail=True)
        if status == 200:
            agent.confirmed(planned)
            self.sent.accepted += 1
            self.sent.full += planned.report.kind == "full"
            self.sent.seconds.append(time.perf_counter() - started)
        elif status == _RESYNC and planned.report.kind == "delta":
            agent.refused()
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
    work: Iterable[tuple[Agent, Planned]],
    rate: float,
    *,
    done: Callable[[Agent, Planned], None] | None = None,
) -> float:
    """Send reports at ``rate`` a second, whatever the answers take. Returns the seconds it took.

    ``done`` is called after each accepted report.
    """
    started = time.perf_counter()
    running: set[asyncio.Task[None]] = set()

    async def send(agent: Agent, planned: Planned) -> None:
        if await line.report(agent, planned) == 200 and done is not None:
            done(agent, planned)

    for number, (agent, planned) in enumerate(work):
        wait = started + number / rate - time.perf_counter()
        await asyncio.sleep(max(0.0, wait))
        line.sent.late = max(line.sent.late, -wait)
        task = asyncio.create_task(send(agent, planned))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return time.perf_counter() - started


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
