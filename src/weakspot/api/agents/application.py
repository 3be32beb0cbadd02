"""Dispatches the agents' requests; errors that no agent's form can tell go up to the edge."""

from __future__ import annotations

import msgspec

from weakspot.api.agents.common import Pools, client_of
from weakspot.api.agents.glpi import PATHS as GLPI_PATHS
from weakspot.api.agents.glpi import GlpiApp, GlpiPort
from weakspot.api.agents.osquery import OsqueryApp, OsqueryPort, call_of
from weakspot.api.reads import Threads
from weakspot.api.wire import Receive, Scope, Send, send_answer
from weakspot.runtime.clock import Clock
from weakspot.runtime.settings import Settings


class AgentPorts(msgspec.Struct, frozen=True):
    """What the calls do; the composition root binds them to ``workflows``."""

    glpi: GlpiPort
    osquery: OsqueryPort


class AgentApp:
    """The ASGI application for all paths that ``handles`` names."""

    def __init__(self, ports: AgentPorts, reads: Threads, settings: Settings, clock: Clock) -> None:
        pools = Pools(reads, settings, clock)
        self._glpi = GlpiApp(ports.glpi, pools)
        self._osquery = OsqueryApp(ports.osquery, pools)

    def handles(self, path: str) -> bool:
        """Whether a path is one of an agent's protocol."""
        return path.rstrip("/") in GLPI_PATHS or call_of(path) != ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        client = client_of(scope)
        protocol = self._osquery if call_of(client.path) else self._glpi
        await send_answer(send, await protocol.answer(client, receive), is_head=client.method == "HEAD")
