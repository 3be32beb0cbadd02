"""What foreign agents and uploads deliver: one unit of work each, as a sensor's report is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy.engine import Connection

from weakspot import access, intel, inventory, matching
from weakspot.inventory import AgentRow, SourceInventory, troubles
from weakspot.inventory.contracts import DescribedDevice, Recorded
from weakspot.inventory.troubles import LogLine, newest
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import AccessError, DeviceKnown, NotFound
from weakspot.workflows.services import Services

_MOST_LOGS = 20_000
PENDING = "The device is known; an administrator must approve this agent first (`weakspot enrolment requests`)."


def record_source(
    services: Services, conn: Connection, device: tuple[int, str], told: SourceInventory, now: Micros
) -> Recorded:
    """Record one source's inventory and judge what is new, inside the caller's unit of work."""
    knowledge_version = intel.current_version(conn)
    recorded = inventory.record_part(conn, services.interner, device, told, knowledge_version, now)
    matching.judge(conn, recorded.new_software_versions, knowledge_version, now)
    return recorded


def may_enrol(services: Services, source: str, external_id: str, key: str, now: Micros) -> bool:
    """Whether an agent of that name would be listened to: known with this secret, or the secret is a good token."""
    with services.database.read() as conn:
        known = inventory.agent_named(conn, source, external_id, key) if external_id else None
        if known is not None:
            return True
    return services.database.write(lambda conn: inventory.is_good_token(conn, key, now))


def record_agent_inventory(
    services: Services,
    source: str,
    external_id: str,
    key: str,
    make: Callable[[], tuple[DescribedDevice, SourceInventory | None]],
    now: Micros,
) -> Recorded | None:
    """A whole inventory of an agent that authenticates with every message; it is admitted on its first one.

    make: the device and its inventory; None where the message holds no software, so that only the contact counts.
    Raises AccessError (a bad secret, or ``PENDING`` while it waits for an approval), DeviceKnown, InvalidField.
    """
    described, told = make()

    def unit(conn: Connection) -> Recorded | None:
        agent = inventory.agent_named(conn, source, external_id, key)
        if agent is None:
            agent = inventory.admit_agent(conn, source, external_id, described, key, key, now)
            if agent is not None:
                _audit(conn, now, source, "agent.admit", agent)
        if agent is None:
            return None
        if told is None:
            inventory.record_source_contacts(conn, {(agent.device_id, source): now})
            return Recorded(device_id=agent.device_id, public_id=agent.public_id, digest="", is_duplicate=True)
        return record_source(services, conn, (agent.device_id, agent.public_id), told, now)

    with audited_refusals(services, source, external_id, now):
        recorded = services.database.write(unit)
    if recorded is None:
        raise AccessError(PENDING)
    return recorded


@contextlib.contextmanager
def audited_refusals(services: Services, source: str, external_id: str, now: Micros) -> Iterator[None]:
    """An agent that claims another device's hardware is refused and shows up in the audit log."""
    try:
        yield
    except DeviceKnown:
        actor, name = access.internal_caller(source), external_id[:200]
        services.database.write(lambda conn: access.record_audit(conn, now, actor, "agent.refuse", name))
        raise


def remove_source(services: Services, actor: access.Caller, device_id: str, source: str, now: Micros) -> None:
    """Forget what one source said of a device. Raises NotFound."""

    def unit(conn: Connection) -> None:
        device = inventory.device_by_public_id(conn, device_id)
        if device is None or not actor.scope.includes(device.group_id):
            raise NotFound("There is no such device, or none that you may see.")
        inventory.remove_source(conn, device.id, source, now)
        access.record_audit(conn, now, actor, "device.source.remove", device_id, {"source": source})

    services.database.write(unit)


class AgentContacts:
    """Contacts of agents between their messages with news, and lines of their own logs: gathered in memory and written
    in batches."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: dict[tuple[int, str], Micros] = {}
        self._lines: dict[tuple[int, str], tuple[LogLine, ...]] = {}
        self._lock = threading.Lock()

    def note(self, agent: AgentRow, now: Micros) -> None:
        """An agent was heard of."""
        with self._lock:
            self._seen[agent.device_id, agent.source] = now

    def note_log(self, agent: AgentRow, lines: Sequence[LogLine]) -> None:
        """Lines of an agent's own log; at most as many as are kept, of so many agents as fit between two batches."""
        key = agent.device_id, agent.source
        with self._lock:
            if key in self._lines or len(self._lines) < _MOST_LOGS:
                self._lines[key] = newest(self._lines.get(key, ()), lines)

    def flush(self) -> None:
        """Write what was gathered."""
        with self._lock:
            seen, self._seen = self._seen, {}
            told, self._lines = self._lines, {}
        if not seen:
            return
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            inventory.record_contacts(
                conn, {device_id: at for (device_id, _), at in seen.items()}, now, are_sensors=False
            )
            inventory.record_source_contacts(conn, seen)
            troubles.keep_log(conn, told, now)

        self._services.database.write(unit)


def age_sources(services: Services, now: Micros) -> None:
    """Give up sources that fell silent while another source of the device goes on; each is audited."""

    def unit(conn: Connection) -> None:
        actor = access.internal_caller("schedule")
        for device_id, source in inventory.age_sources(conn, now):
            device = inventory.device(conn, device_id)
            target = "" if device is None else device.public_id
            access.record_audit(conn, now, actor, "device.source.end", target, {"source": source})

    services.database.write(unit)


def _audit(conn: Connection, now: Micros, source: str, action: str, agent: AgentRow) -> None:
    actor = access.internal_caller(source)
    access.record_audit(conn, now, actor, action, agent.public_id, {"agent": agent.external_id[:200]})
