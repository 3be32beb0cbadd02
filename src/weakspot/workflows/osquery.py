"""What osquery nodes may do: enrol, take their configuration, deliver results."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.inventory import AgentRow, SourceInventory
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.protocols import osquery
from weakspot.inventory.protocols.base import printable
from weakspot.inventory.protocols.osquery import EnrolNode, NodeState, ResultLine, StatusLine
from weakspot.inventory.troubles import LogLine, LogSeverity
from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.secrets import NODE_KEY, new_secret
from weakspot.workflows.agents import AgentContacts, audited_refusals, record_source
from weakspot.workflows.services import Services

SOURCE = "osquery"
_ASK_AGAIN = 600 * SECOND
_MAX_ASKED = 200_000
_MOST_LINES, _MOST_TEXT, _MOST_PLACE = 500, 500, 200


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

        def change(state: NodeState) -> tuple[bool, bool]:
            return osquery.applied(state, lines, now), osquery.noted(state, lines, now)

        return self._record(key, change, now)

    def record_status(self, key: str, lines: Sequence[StatusLine], now: Micros) -> bool | None:
        """Take lines of the node's own log."""
        found = self._node(key, now)
        if found is None:
            return None
        self._contacts.note_log(found[0], [_log_line(line, now) for line in lines[-_MOST_LINES:]])
        return True

    def record_answers(self, key: str, queries: dict[str, Any], statuses: dict[str, Any], now: Micros) -> bool | None:
        """Take answers to ``questions``."""

        def change(state: NodeState) -> tuple[bool, bool]:
            return osquery.answered(state, queries, statuses, now // SECOND), osquery.noted(
                state, (), now, is_told=True
            )

        return self._record(key, change, now)

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

    def _record(self, key: str, change: Callable[[NodeState], tuple[bool, bool]], now: Micros) -> bool | None:
        def unit(conn: Connection) -> bool | None:
            agent = inventory.agent_with_key(conn, SOURCE, key)
            if agent is None:
                return None
            kept = inventory.source_state(conn, agent.device_id, SOURCE)
            state = osquery.decode(kept[1] if kept else b"")
            least, days = state.least_epoch, _days(state)
            is_changed, is_used = change(state)
            self._contacts.note(agent, now)
            if is_changed or state.least_epoch != least or (is_used and kept is None):
                self._record_all(conn, agent, state, None if kept is None else kept[0], now)
            elif is_used:
                inventory.keep_source_state(conn, agent.device_id, SOURCE, osquery.encode(state))
            if is_used and _days(state) != days:
                self._record_use(conn, agent, state, now)
            return is_changed or is_used

        with audited_refusals(self._services, SOURCE, "a node", now):
            return self._services.database.write(unit)

    def _record_all(
        self, conn: Connection, agent: AgentRow, state: NodeState, described: DescribedDevice | None, now: Micros
    ) -> None:
        if described is None:
            device = inventory.device(conn, agent.device_id)
            assert device is not None, "an agent's device is there"
            described = device.described
        read = osquery.inventory_of(state, described)
        told = SourceInventory(
            source=SOURCE, device=read.device, software=read.software, state=osquery.encode(state),
            settings=osquery.settings_of(state),
        )  # fmt: skip
        record_source(self._services, conn, (agent.device_id, agent.public_id), told, now)

    def _record_use(self, conn: Connection, agent: AgentRow, state: NodeState, now: Micros) -> None:
        kept = inventory.source_state(conn, agent.device_id, SOURCE)
        assert kept is not None, "the source was recorded just now"
        use = osquery.report(state, osquery.inventory_of(state, kept[0]).software)
        if use is not None:
            inventory.record_use(conn, agent.device_id, SOURCE, use, now)


def _days(state: NodeState) -> int:
    """Changes whenever something was seen running on another day."""
    return sum(sum(seen) for seen in state.used.values())


def _log_line(line: StatusLine, now: Micros) -> LogLine:
    at = line.unix_time * SECOND if 0 < line.unix_time * SECOND <= now else now
    severity: LogSeverity = "information" if line.severity <= 0 else "warning" if line.severity == 1 else "error"
    place = f"{line.filename}:{line.line}" if line.filename else ""
    return LogLine(at, severity, printable(line.message)[:_MOST_TEXT], printable(place)[:_MOST_PLACE])
