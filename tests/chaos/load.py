"""The load that is there when something is killed, and what must be true of the stored inventories afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from weakspot import inventory
from weakspot.runtime.clock import system_clock
from weakspot.runtime.database import Database
from weakspot.simulate import Agent, Line, Planned, paced

RATE = 200.0
PAUSE_SECONDS = 0.01


class Doubt:
    """Reports that were sent and not answered, by device."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[Agent, Planned]] = {}

    def done(self, agent: Agent, _: Planned) -> None:
        """It was acknowledged."""
        self.waiting.pop(agent.device, None)


async def reporting(
    line: Line, agents: Sequence[Agent], doubt: Doubt, stopping: asyncio.Event, rate: float = RATE
) -> None:
    """Deltas of all devices, one at a time each, until told to stop or the server is gone."""

    async def work() -> AsyncIterator[tuple[Agent, Planned]]:
        while not stopping.is_set():
            for agent in agents:
                if stopping.is_set():
                    return
                if agent.device in doubt.waiting:
                    continue
                planned = agent.plan(agent.day + 2, system_clock())
                doubt.waiting[agent.device] = (agent, planned)
                yield agent, planned
            await asyncio.sleep(PAUSE_SECONDS)  # when every device waits for its answer

    # What was not answered stays in doubt.
    with contextlib.suppress(ConnectionError):
        await paced(line, work(), rate, done=doubt.done)


def compare(url: str, agents: Sequence[Agent]) -> list[str]:
    """Devices whose stored inventory is not the one that was acknowledged."""
    database = Database(url, readers=1)
    try:
        with database.read() as conn:
            wrong = []
            for agent in agents:
                device_id = inventory.device_id_of(conn, agent.public_id)
                state = None if device_id is None else inventory.device_state(conn, device_id)
                assert agent.numbers is not None
                if state is None or state.digest != agent.wire.digest(agent.numbers.tolist()):
                    wrong.append(f"device {agent.device}: what was acknowledged is not what is stored")
            return wrong
    finally:
        database.close()
