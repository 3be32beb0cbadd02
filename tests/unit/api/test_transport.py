"""Tests of ``weakspot.api.transport``."""

from __future__ import annotations

import asyncio
from typing import Any

from weakspot.api.transport import AT_MOST, JoiningTransport


class _Below:
    """The transport of a connection, telling what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.is_gone = False

    def write(self, data: bytes) -> None:
        self.asked.append(data)

    def close(self) -> None:
        self.asked.append(b"closed")

    def is_closing(self) -> bool:
        return self.is_gone

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


def _run(steps: Any) -> _Below:
    async def run() -> _Below:
        below = _Below()
        await steps(JoiningTransport(below, asyncio.get_running_loop()), below)  # type: ignore[arg-type]
        return below

    return asyncio.run(run())


def test_what_is_written_in_one_go_leaves_in_one_piece() -> None:
    async def steps(transport: JoiningTransport, below: _Below) -> None:
        transport.write(b"head ")
        transport.write(b"body")
        assert below.asked == []
        await asyncio.sleep(0)
        assert below.asked == [b"head body"]
        transport.write(b"next")
        await asyncio.sleep(0)

    assert _run(steps).asked == [b"head body", b"next"]


def test_a_long_answer_is_not_held_back() -> None:
    async def steps(transport: JoiningTransport, below: _Below) -> None:
        transport.write(b"head ")
        transport.write(b"x" * AT_MOST)
        assert below.asked == [b"head " + b"x" * AT_MOST]

    _run(steps)


def test_closing_sends_what_was_written_before() -> None:
    async def steps(transport: JoiningTransport, below: _Below) -> None:
        transport.write(b"last words")
        transport.close()
        assert below.asked == [b"last words", b"closed"]
        await asyncio.sleep(0)

    assert _run(steps).asked == [b"last words", b"closed"]


def test_nothing_is_written_to_a_client_that_has_gone() -> None:
    async def steps(transport: JoiningTransport, below: _Below) -> None:
        transport.write(b"too late")
        below.is_gone = True
        await asyncio.sleep(0)

    assert _run(steps).asked == []


def test_all_else_is_asked_of_the_transport_below() -> None:
    async def steps(transport: JoiningTransport, below: _Below) -> None:
        assert transport.get_extra_info("socket") == "the socket"

    _run(steps)
