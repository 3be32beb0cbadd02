"""What osquery nodes may do: enrol, take their configuration, deliver results."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.inventory import AgentRow, SourceInventory
from weakspot.inventory.protocols import osquery
from weakspot.inventory.protocols.osquery import EnrolNode, NodeState, ResultLine
from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.secrets import NODE_KEY, new_secret
from weakspot.workflows.agents import AgentContacts, audited_refusals, record_source
from weakspot.workflows.services import Services

SOURCE = "osquery"
_ASK_AGAIN = 600 * SECOND
_MAX_ASKED = 200_000


class OsqueryNodes:
    """Use cases of nodes. A key that is not good is answered None: the node must enrol again."""

    def __init__(self, services: Services, contacts: AgentContacts) -> None:
        self._services = services
        self._contacts = contacts
        self._asked: OrderedDict[int, Micros] = OrderedDict()
        self._lock = threading.Lock()

    def enrol(self, request: EnrolNode, now: Micros) -> str | None:
        """A node's key; None while an administrator must approve. Raises AccessError, DeviceKnown."""
        facts = {name: [row] for name, row in request.host_details.items()}
        described = osquery.described_by(None, facts)
        if described.name == "unnamed":
            described = osquery.described_by(None, facts | {"system_info": [{"hostname": request.host_identifier}]})
        key = new_secret(NODE_KEY)

        def unit(conn: Connection) -> AgentRow | None:
            agent = inventory.admit_agent(
                conn, SOURCE, request.host_identifier, described, request.enroll_secret, key, now
            )
            if agent is not None:
                actor = access.internal_caller(SOURCE)
                access.record_audit(conn, now, actor, "agent.admit", agent.public_id, {"agent": agent.external_id})
            return agent

        with audited_refusals(self._services, SOURCE, request.host_identifier, now):
            admitted = self._services.database.write(unit)
        return None if admitted is None else key

    def config(self, key: str, now: Micros) -> dict[str, Any] | None:
        """What the node has to run."""
        found = self._node(key, now)
        if found is None:
            return None
        agent, state = found
        return osquery.schedule(osquery.epoch_for(state, agent.id, now))

    def questions(self, key: str, now: Micros) -> dict[str, str] | None:
        """What a node should answer at once: queries that have said nothing yet."""
        found = self._node(key, now)
        if found is None:
            return None
        agent, state = found
        with self._lock:
            if now - self._asked.get(agent.id, -_ASK_AGAIN) < _ASK_AGAIN:
                return {}
        with self._services.database.read() as conn:
            device = inventory.device(conn, agent.device_id)
        asked = osquery.distributed("" if device is None else device.os_platform, frozenset(state.queries))
        with self._lock:
            self._asked[agent.id] = now
            self._asked.move_to_end(agent.id)
            if len(self._asked) > _MAX_ASKED:
                self._asked.popitem(last=False)
        return asked

    def record_lines(self, key: str, lines: Sequence[ResultLine], now: Micros) -> bool | None:
        """Take result lines. Raises InvalidField, DeviceKnown."""
        return self._record(key, lambda state: osquery.applied(state, lines, now), now)

    def record_answers(self, key: str, queries: dict[str, Any], statuses: dict[str, Any], now: Micros) -> bool | None:
        """Take answers to ``questions``."""
        return self._record(key, lambda state: osquery.answered(state, queries, statuses, now // SECOND), now)

    def is_known(self, key: str, now: Micros) -> bool:
        """Whether the key is good; notes the contact."""
        return self._node(key, now) is not None

    def _node(self, key: str, now: Micros) -> tuple[AgentRow, NodeState] | None:
        with self._services.database.read() as conn:
            agent = inventory.agent_with_key(conn, SOURCE, key)
            kept = None if agent is None else inventory.source_state(conn, agent.device_id, SOURCE)
        if agent is None:
            return None
        self._contacts.note(agent, now)
        return agent, osquery.decode(kept[1] if kept else b"")

    def _record(self, key: str, change: Callable[[NodeState], bool], now: Micros) -> bool | None:
        def unit(conn: Connection) -> bool | None:
            agent = inventory.agent_with_key(conn, SOURCE, key)
            if agent is None:
                return None
            kept = inventory.source_state(conn, agent.device_id, SOURCE)
            state = osquery.decode(kept[1] if kept else b"")
            least = state.least_epoch
            is_changed = change(state)
            self._contacts.note(agent, now)
            if is_changed or state.least_epoch != least:
                device = inventory.device(conn, agent.device_id)
                assert device is not None, "an agent's device is there"
                read = osquery.inventory_of(state, kept[0] if kept else device.described)
                told = SourceInventory(
                    source=SOURCE, device=read.device, software=read.software, state=osquery.encode(state)
                )
                record_source(self._services, conn, (agent.device_id, agent.public_id), told, now)
            return is_changed

        with audited_refusals(self._services, SOURCE, "a node", now):
            return self._services.database.write(unit)
