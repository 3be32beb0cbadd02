"""The inventory: devices and what is installed on them, exactly as the devices say.

In: reports of sensors (``record_reports``), what other sources say (``record_part``), enrolments (``enrol``), decisions
of people about devices.
Out: devices, software, software versions, present and ended installations with their times; and ``changes`` rows:

- ``inventory.device`` ``{"device_id", "added": [...], "removed": [...]}``: software version ids of one device changed;
- ``inventory.device_facts`` ``{"device_id"}``: name, group, value, exclusion or activity of a device changed;
- ``inventory.loaded`` ``{"devices"}``: so many devices were moved in at once (``load_devices``): read everything again.

- ``inventory.settings`` (``settings/__init__.py``): setting values of one device changed;
- ``inventory.population`` and ``inventory.labels`` (``labels/__init__.py``): sets of devices changed.

Groups, tags, value and context are in ``labels``, who is whom in ``identities``, the change feed in ``history``,
configuration settings in ``settings``.

Invariants: a report is recorded whole or not at all and never twice; a device's digest is that of what its sensor
reported; its installations are the union of its sources' parts, and no source takes away what another one says;
a software version's row never changes; an installation ends, it is never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy.engine import Connection

from weakspot.inventory import packing, place_store, state_store, store
from weakspot.inventory.agents import (
    admit_agent,
    admit_scanned,
    agent_named,
    agent_with_key,
    device_for_upload,
    is_good_token,
)
from weakspot.inventory.bulk_store import DEVICES_LOADED, LoadedDevice, load_devices
from weakspot.inventory.contracts import Device, DeviceState, FleetDevice, FleetPlaces, Whereabouts
from weakspot.inventory.detail_store import details as device_details
from weakspot.inventory.enrolment import (
    IssuedToken,
    authenticate_device,
    decide_request,
    enrol,
    issue_token,
    requests_waiting,
    revoke_token,
    unknown_key,
    use_keys,
)
from weakspot.inventory.enrolment_store import Pending
from weakspot.inventory.hint_store import devices_with_address, devices_with_hardware
from weakspot.inventory.interval_store import arrivals, ended_times, present_times
from weakspot.inventory.listing_store import ListedDevice, last_contacts, last_reports, listed_devices, tagged
from weakspot.inventory.part_store import AgentRow
from weakspot.inventory.parts import (
    SourceInventory,
    SourceRow,
    age_sources,
    keep_source_state,
    record_part,
    record_source_contacts,
    record_use,
    remove_source,
    source_state,
    sources,
)
from weakspot.inventory.recording import Arrived, record_reports
from weakspot.inventory.rules.kernels import marked as with_running_kernel
from weakspot.inventory.rules.updates import with_updates
from weakspot.inventory.service import (
    DEVICE_CHANGED,
    FACTS_CHANGED,
    fallen_silent,
    record_contacts,
    tell_silent,
)
from weakspot.inventory.setting_times_store import devices_told_since, setting_times
from weakspot.inventory.software_store import (
    Interner,
    software_after,
    software_by_id,
    software_id_of,
    software_of,
    software_version_of,
    software_versions,
    source_packages,
    versions_of,
    without_source,
)
from weakspot.inventory.state_store import ended, evidence, installations
from weakspot.inventory.store import (
    ACTIVE_DAYS,
    described_devices,
    device_id_of,
    device_ids_named,
    devices,
    groups,
    has_devices,
)
from weakspot.runtime.clock import Micros

software = software_by_id

__all__ = [
    "ACTIVE_DAYS",
    "DEVICES_LOADED",
    "DEVICE_CHANGED",
    "FACTS_CHANGED",
    "AgentRow",
    "Arrived",
    "Interner",
    "IssuedToken",
    "ListedDevice",
    "LoadedDevice",
    "Pending",
    "SourceInventory",
    "SourceRow",
    "admit_agent",
    "admit_scanned",
    "age_sources",
    "agent_named",
    "agent_with_key",
    "arrivals",
    "authenticate_device",
    "decide_request",
    "described_devices",
    "device",
    "device_by_public_id",
    "device_details",
    "device_for_upload",
    "device_id_of",
    "device_ids_named",
    "device_state",
    "devices",
    "devices_told_since",
    "devices_with_address",
    "devices_with_hardware",
    "ended",
    "ended_times",
    "enrol",
    "evidence",
    "fallen_silent",
    "fleet_device",
    "fleet_places",
    "groups",
    "has_devices",
    "installation_times",
    "installations",
    "is_good_token",
    "issue_token",
    "keep_source_state",
    "last_contacts",
    "last_reports",
    "listed_devices",
    "load_devices",
    "present_times",
    "record_contacts",
    "record_part",
    "record_reports",
    "record_source_contacts",
    "record_use",
    "remove_source",
    "requests_waiting",
    "revoke_token",
    "setting_times",
    "software",
    "software_after",
    "software_by_id",
    "software_id_of",
    "software_of",
    "software_version_of",
    "software_versions",
    "source_packages",
    "source_state",
    "sources",
    "tagged",
    "tell_silent",
    "unknown_key",
    "use_keys",
    "versions_of",
    "whereabouts",
    "with_running_kernel",
    "with_updates",
    "without_source",
]  # fmt: skip


def fleet_device(conn: Connection, ids: Iterable[int] | None, now: Micros) -> Iterator[FleetDevice]:
    """What the fleet index needs to know of devices (None: all)."""
    return store.fleet_devices(conn, ids, now)


def fleet_places(conn: Connection, ids: Iterable[int] | None, now: Micros) -> FleetPlaces:
    """As ``fleet_device``, as sets of devices."""
    return place_store.fleet_places(conn, ids, now, store.ACTIVE_DAYS)


def whereabouts(conn: Connection) -> Whereabouts:
    """Groups, exclusions and ends of all devices, as sets."""
    return place_store.whereabouts(conn)


def device(conn: Connection, device_id: int) -> Device | None:
    """One device by its internal id."""
    found = store.devices(conn, [device_id])
    return found[0] if found else None


def device_by_public_id(conn: Connection, public_id: str) -> Device | None:
    """One device by its 40-digit id."""
    device_id = store.device_id_of(conn, public_id)
    return None if device_id is None else device(conn, device_id)


def device_state(conn: Connection, device_id: int) -> DeviceState | None:
    """State of the device's last report; None before the first."""
    stored = state_store.state(conn, device_id)
    return None if stored is None else stored[0]


def installation_times(conn: Connection, device_id: int) -> dict[int, Micros]:
    """Software version id -> first seen, of what is installed now."""
    stored = state_store.state(conn, device_id)
    return {} if stored is None else packing.times_of(*packing.unpack(stored[1]))
