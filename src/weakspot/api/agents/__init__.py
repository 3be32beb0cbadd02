"""Endpoints that foreign agents call in their own protocols: plain ASGI beside the framework, with their own bounds.

In: requests of osquery, GLPI and FusionInventory agents (docs/agents.md). Out: answers in the agents' own forms, also
for errors, for none of them reads problem details. Nothing here needs more of an agent than its configuration can give.
"""

from weakspot.api.agents.application import AgentApp, AgentPorts
from weakspot.api.agents.glpi import GlpiPort
from weakspot.api.agents.osquery import OsqueryPort

__all__ = ["AgentApp", "AgentPorts", "GlpiPort", "OsqueryPort"]
