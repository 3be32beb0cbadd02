"""The exports of the compatible API: every finding of the fleet, and what came and went since a moment.

Nothing is prepared: a page is derived for the moment at which the export was begun, which its cursor carries, so all
pages are of one moment and no page needs more memory than some devices. Rows are by device, software version and
vulnerability; what a product's other version carried before counts for ``firstSeenTimestamp``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot import intel, inventory, matching
from weakspot.intel.contracts import ExploitLevel, VulnerabilityFacts
from weakspot.inventory.contracts import Device, Software, SoftwareVersion
from weakspot.queries import intervals
from weakspot.queries.defender import NO_GROUP, Entity, dns_name, group_of, platform_of, processor_of
from weakspot.queries.episodes import Episodes, episodes
from weakspot.queries.findings import FOREVER
from weakspot.queries.installed_then import InstalledThen
from weakspot.queries.lens import Lens
from weakspot.queries.off_times import OffTimes, devices_switched_since
from weakspot.runtime.clock import DAY, Micros, to_iso
from weakspot.runtime.database import in_chunks

SLOT: Micros = DAY // 4
"""A question about changes is answered from the start of the slot that its moment lies in."""
FARTHEST: Micros = 14 * DAY
DEVICES_AT_ONCE = 100

_LEVELS: Mapping[ExploitLevel, str] = {
    "public": "ExploitIsPublic",
    "verified": "ExploitIsVerified",
    "kit": "ExploitIsInKit",
    "known_exploited": "ExploitIsVerified",
}
_Key = tuple[int, int, int]
"""(device, software or software version, vulnerability; 0: none)"""


class AssetVulnerability(Entity, frozen=True, kw_only=True):
    """One vulnerability of one software version on one device; without ``cveId``: the version has none."""

    id: str
    device_id: str
    device_name: str
    os_platform: str
    os_version: str
    os_architecture: str | None
    rbac_group_name: str
    rbac_group_id: int
    software_vendor: str
    software_name: str
    software_version: str
    cve_id: str | None
    vulnerability_severity_level: str | None
    cvss_score: float | None
    exploitability_level: str
    recommended_security_update: str | None
    recommended_security_update_id: str | None
    recommended_security_update_url: str | None
    security_update_available: bool
    recommendation_reference: str
    disk_paths: list[str]
    registry_paths: list[str]
    first_seen_timestamp: str
    last_seen_timestamp: str


class DeltaAssetVulnerability(AssetVulnerability, frozen=True, kw_only=True):
    """The same, when it came or went."""

    event_timestamp: str
    status: Literal["New", "Fixed"]
    is_onboarded: bool


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where an export goes on. at: its moment; since: of changes, their beginning; 0: of everything.

    device: the last one that was looked at; row: how many rows of the next device were given already.
    until: last device of the export; 0: it has none.
    """

    at: Micros
    since: Micros = 0
    device: int = 0
    row: int = 0
    until: int = 0

    def reaches(self, devices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Those of some devices, ascending, that are behind it and before its end."""
        return devices[(devices > self.device) & ((devices <= self.until) | (self.until == 0))]


class _Event(msgspec.Struct, frozen=True):
    """A row to be: what it is about, and when. status None: it is there."""

    at: Micros
    version: int
    vulnerability: int
    first_seen: Micros
    status: Literal["New", "Fixed"] | None = None

    def place(self) -> tuple[Micros, int, int, str]:
        """Where it stands among the rows of its device."""
        return self.at, self.version, self.vulnerability, self.status or ""


def rows(lens: Lens, cursor: Cursor) -> Iterator[tuple[AssetVulnerability, Cursor]]:
    """Rows from the cursor on, each with the cursor behind it. Devices of the scope that have not ended, by id."""
    wanted = cursor.reaches(lens.devices_in_scope())
    known = intervals.knowledge(lens.conn)
    if cursor.since:
        wanted = wanted[np.isin(wanted, np.array(_touched(lens, known, cursor).to_array(), np.int64))]
    skipped = cursor.row
    for some in in_chunks(wanted.tolist(), DEVICES_AT_ONCE):
        by_device = _events(lens, some, known, cursor)
        maker = _Maker(lens, some, by_device)
        for device, before in zip(some, [cursor.device, *some], strict=False):
            cursor = msgspec.structs.replace(cursor, device=before)
            for number, event in enumerate(by_device.get(device, ())[skipped:], skipped + 1):
                yield maker.row(device, event), msgspec.structs.replace(cursor, row=number)
            skipped = 0
        cursor = msgspec.structs.replace(cursor, device=some[-1])


def _touched(lens: Lens, known: intervals.Knowledge, cursor: Cursor) -> BitMap:
    """Devices on which something may have come or gone since: software, or matches of what they have or had."""
    then = InstalledThen(lens.conn, None, cursor.since - 1, lens.view)
    matches = known.matches
    is_changed = (matches.since >= cursor.since) | ((matches.until >= cursor.since) & (matches.until != FOREVER))
    versions = np.unique(matches.version[is_changed])
    found = then.at(lens.now, versions).union(versions.tolist())
    return found | then.ended_within(0, FOREVER) | then.arrived_on() | devices_switched_since(lens, cursor.since)


def _events(lens: Lens, some: list[int], known: intervals.Knowledge, cursor: Cursor) -> dict[int, list[_Event]]:
    installed = intervals.installations(lens.conn, some)
    matches = known.matches
    size = max(int(installed.version.max(initial=0)), int(matches.version.max(initial=0))) + 1
    by_version = episodes(installed, matches, np.arange(size))
    first_seen = _first_seen(episodes(installed, matches, known.software_of))
    found: defaultdict[int, list[_Event]] = defaultdict(list)
    shown: set[tuple[int, int]] = set()
    for device, version, vulnerability, since, until in _applying(lens, some, by_version):
        key = (device, int(known.software_of[version]), vulnerability)
        first = max((at for at in first_seen[key] if at <= since), default=since)
        if cursor.since:
            if cursor.since <= since <= cursor.at:
                found[device].append(_Event(since, version, vulnerability, first, "New"))
            if cursor.since <= until <= cursor.at:
                found[device].append(_Event(until, version, vulnerability, first, "Fixed"))
        elif since <= cursor.at < until:
            found[device].append(_Event(0, version, vulnerability, first))
            shown.add((device, version))
    if not cursor.since:
        here = (installed.since <= cursor.at) & (cursor.at < installed.until)
        for device, version, since in zip(
            *(column[here].tolist() for column in (installed.device, installed.version, installed.since)), strict=True
        ):
            if (device, version) not in shown:
                found[device].append(_Event(0, version, 0, since))
    return {device: sorted(events, key=_Event.place) for device, events in found.items()}


def _first_seen(found: Episodes) -> dict[_Key, list[Micros]]:
    by_key: defaultdict[_Key, list[Micros]] = defaultdict(list)
    for device, software, vulnerability, since, _ in _columns(found):
        by_key[device, software, vulnerability].append(since)
    return by_key


def _applying(lens: Lens, some: Sequence[int], found: Episodes) -> Iterable[tuple[int, int, int, Micros, Micros]]:
    """Without the times at which a part of the system that the vulnerability needs was off."""
    away = OffTimes(lens, some)
    for device, version, vulnerability, since, until in _columns(found):
        for begin, end in away.applying(device, version, vulnerability, (since, until)):
            yield device, version, vulnerability, begin, end


def _columns(found: Episodes) -> Iterable[tuple[int, int, int, Micros, Micros]]:
    names = (found.device, found.software, found.vulnerability, found.since, found.until)
    return zip(*(column.tolist() for column in names), strict=True)


class _Maker:
    """Makes rows of some devices, with what they have in common read once."""

    def __init__(self, lens: Lens, some: Sequence[int], events: Mapping[int, Sequence[_Event]]) -> None:
        self._lens = lens
        self._devices: dict[int, Device] = {one.id: one for one in inventory.devices(lens.conn, some)}
        flat = [event for found in events.values() for event in found]
        versions = sorted({one.version for one in flat})
        self._versions: Mapping[int, SoftwareVersion] = inventory.software_versions(lens.conn, versions)
        software = {one.software_id for one in self._versions.values()}
        self._software: Mapping[int, Software] = lens.memory.software(lens.read, software)
        named = sorted({one.vulnerability for one in flat} - {0})
        self._facts: Mapping[int, VulnerabilityFacts] = intel.facts(lens.conn, named) if named else {}
        self._fixable = {
            (version, one) for version, one, _, has_fix in matching.open_columns(lens.conn, versions) if has_fix
        }
        self._paths: tuple[int, Mapping[int, Sequence[str]]] = (0, {})

    def row(self, device_id: int, event: _Event) -> AssetVulnerability:
        device, version = self._devices[device_id], self._versions[event.version]
        software = self._software[version.software_id]
        facts = self._facts.get(event.vulnerability)
        name = None if facts is None else facts.name
        group_id, group_name = group_in_exports(self._lens, device)
        has_fix = (event.version, event.vulnerability) in self._fixable
        seen = event.at if event.status == "Fixed" else device.last_report_at or device.last_seen_at
        plain = AssetVulnerability(
            id=f"{device.public_id}_{software.name.lower()}_{version.version}_{name or ''}_",
            device_id=device.public_id,
            device_name=dns_name(device),
            os_platform=platform_of(device),
            os_version=device.os_version,
            os_architecture=processor_of(device),
            rbac_group_name=group_name,
            rbac_group_id=group_id,
            software_vendor=software.vendor.lower(),
            software_name=software.name.lower(),
            software_version=version.version,
            cve_id=name,
            vulnerability_severity_level=None if facts is None else facts.severity,
            cvss_score=None if facts is None else facts.cvss_score,
            exploitability_level="NoExploit" if facts is None else _LEVELS.get(facts.exploit_level, "NoExploit"),
            recommended_security_update=None,
            recommended_security_update_id=None,
            recommended_security_update_url=None,
            security_update_available=has_fix,
            recommendation_reference=f"va-_-{software.public_id}",
            disk_paths=list(self._disk_paths(device_id).get(event.version, ())),
            registry_paths=[],
            first_seen_timestamp=stamp(event.first_seen),
            last_seen_timestamp=stamp(seen),
        )
        if event.status is None:
            return plain
        return DeltaAssetVulnerability(
            **msgspec.structs.asdict(plain),
            event_timestamp=stamp(event.at),
            status=event.status,
            is_onboarded=device.last_report_at is not None,
        )

    def _disk_paths(self, device_id: int) -> Mapping[int, Sequence[str]]:
        if self._paths[0] != device_id:
            evidence = inventory.evidence(self._lens.conn, device_id)
            self._paths = device_id, {version: one.paths for version, one in evidence.items()}
        return self._paths[1]


def group_in_exports(lens: Lens, device: Device) -> tuple[int, str]:
    """Id and name of a device's group; ``None`` where the organisation has no groups (spec/api.md 12.1)."""
    group_id, name = group_of(lens, device.group_id)
    if name != NO_GROUP:
        return group_id, name
    return group_id, "Unassigned" if len(lens.group_names) > 1 else "None"


def stamp(at: Micros) -> str:
    """A time as rows of exports have it: UTC without saying so."""
    return to_iso(at).replace("T", " ").removesuffix("Z")
