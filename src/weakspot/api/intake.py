"""What devices send: the sensors' calls and those of foreign agents, as one plain ASGI application.

It needs nothing of the fleet index and of the console, so that a process of its own can take reports (``worker.py``).
"""

from __future__ import annotations

from weakspot.api.agents import AgentApp
from weakspot.api.sensor import PREFIX, SensorApp
from weakspot.api.wire import Receive, Scope, Send


class Intake:
    """The ASGI application for all paths that ``handles`` names; errors go up to the guard."""

    def __init__(self, sensor: SensorApp, agents: AgentApp) -> None:
        self._sensor = sensor
        self._agents = agents

    def handles(self, path: str) -> bool:
        """Whether a path is one that devices call."""
        return path.startswith(PREFIX) or self._agents.handles(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self._sensor if scope["path"].startswith(PREFIX) else self._agents
        await app(scope, receive, send)
