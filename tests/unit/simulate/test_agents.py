"""Agents against a server that answers as told: lost answers are asked for again, refusals lead to a full report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from weakspot.runtime.clock import SECOND
from weakspot.simulate.agents import Line, at_rate, paced
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Agent, Sealed, Wire

NOW = 1_790_000_000 * SECOND
WIRE = Wire(Population(3, 50, Catalogue(3, size=400), per_device=5))


def against(statuses: list[int], work: Callable[[Line], Awaitable[None]]) -> tuple[Line, list[bytes]]:
    """Run ``work`` with a server that gives these statuses in turn; 0 closes the connection without an answer."""
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                bodies.append(await reader.readexactly(length))
                status = statuses.pop(0)
                if status == 0:
                    break
                writer.write(b"HTTP/1.1 %d Said\r\nContent-Length: 2\r\n\r\n{}" % status)
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    async def run() -> Line:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        line = Line(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections=1)
        await work(line)
        await line.close()
        server.close()
        return line

    return asyncio.run(run()), bodies


def test_a_report_whose_answer_was_lost_is_sent_again_as_it_was() -> None:
    agent = Agent(WIRE, 1)
    planned = agent.plan(0, NOW)

    async def work(line: Line) -> None:
        assert await line.report(agent, planned) == 200

    line, bodies = against([0, 200], work)
    assert bodies == [planned.encoded()] * 2
    assert (line.sent.accepted, line.sent.full, line.sent.retries) == (1, 1, 1)
    assert agent.numbers is not None


def test_a_refused_delta_is_followed_by_everything() -> None:
    agent = Agent(WIRE, 1)
    agent.confirmed(agent.plan(0, NOW))

    async def work(line: Line) -> None:
        assert await line.report(agent, agent.plan(90, NOW)) == 409

    line, _ = against([409], work)
    assert line.sent.resyncs == 1
    assert agent.plan(90, NOW).report.kind == "full"


def test_paced_reports_are_all_sent_and_told() -> None:
    agents = [Agent(WIRE, number) for number in range(5)]
    told: list[int] = []

    async def work(line: Line) -> None:
        await paced(line, [(a, a.plan(0, NOW)) for a in agents], 1_000, done=lambda a, _: told.append(a.device))

    line, _ = against([200] * 5, work)
    assert sorted(told) == list(range(5))
    assert line.sent.accepted == 5


def test_what_comes_bit_by_bit_is_sent_too_and_lateness_told() -> None:
    sent: list[int] = []

    async def work() -> AsyncIterator[int]:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    async def send(number: int) -> None:
        sent.append(number)

    took, late = asyncio.run(at_rate(work(), 1e9, send))
    assert sent == [0, 1, 2]
    assert 0 < late <= took


def test_the_first_failure_ends_it_after_those_on_their_way() -> None:
    ended: list[int] = []

    async def run() -> None:
        failing = asyncio.Event()

        async def send(number: int) -> None:
            if number == 1:
                failing.set()
                raise ConnectionError("gone")
            await failing.wait()
            ended.append(number)

        async def work() -> AsyncIterator[int]:
            yield 0
            yield 1
            await failing.wait()
            yield 2

        await at_rate(work(), 1e9, send)

    with pytest.raises(ConnectionError, match="gone"):
        asyncio.run(run())
    assert ended == [0]


def test_no_more_than_so_many_are_on_their_way() -> None:
    running, most = 0, 0

    async def send(_: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    asyncio.run(at_rate(range(20), 1e9, send, at_most=3))
    assert 0 < most <= 3


def test_reports_of_one_device_go_one_after_the_other_in_their_order() -> None:
    reports = [Sealed(7, "key", "delta", b"%d" % number) for number in range(4)]

    async def work(line: Line) -> None:
        assert await asyncio.gather(*map(line.deliver, reports)) == [200] * 4

    _, bodies = against([503, 200, 0, 200, 200, 200], work)
    assert bodies == [b"0", b"0", b"1", b"1", b"2", b"3"]
