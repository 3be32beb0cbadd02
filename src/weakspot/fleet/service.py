"""Reading the database into the index: the whole of it at a start, and what changed afterwards.

Level-triggered: a change only says *what* to look at; what is found there now, in the same snapshot, is what counts. So
changes may be repeated, coalesced or read late without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec
import numpy as np
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import inventory, matching, threats
from weakspot.fleet.contracts import (
    UNKNOWN_HAZARD,
    Batch,
    DeviceFacts,
    DevicePlatforms,
    DeviceSettings,
    DeviceVersions,
    Ids,
)
from weakspot.fleet.counting import Pause, no_pause
from weakspot.fleet.editing import BULK_SHARE, MIN_BULK
from weakspot.fleet.index import Chunk, Fleet
from weakspot.fleet.sources import Tables
from weakspot.fleet.view import FleetView
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.inventory import labels, settings
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros

KNOWLEDGE_CHANGED = "intel.knowledge"

PAIRS_IN_CHUNK = 8_000_000
MAX_VERSIONS_IN_BATCH = 2_000
"""Software versions whose matches are read in one batch; the rest follow in the next ones."""

MAX_HAZARDS_IN_BATCH = 500
"""Up to this many changed hazards are put into force with their batch; more are folded aside, in slices."""

Hazard = Callable[[VulnerabilityFacts], int]


def not_raised(_: VulnerabilityFacts) -> int:
    """For an index in which detections raise nothing."""
    return 0


NO_VERSIONS: Ids = np.empty(0, np.uint32)


class Pending:
    """What changes have named and the index has not looked at yet."""

    def __init__(self) -> None:
        self.seq = 0
        self.devices: dict[int, set[int]] = {}
        self.facts: set[int] = set()
        self.versions: set[int] = set()
        self.vulnerabilities: set[int] = set()
        self.labels = False
        self.detected: set[int] = set()
        """Devices whose active detections changed."""
        self.settings: dict[int, set[int]] = {}
        """Device -> setting values that came or went."""
        self.described: set[int] = set()
        """Devices whose own description may have changed."""
        self.all_vulnerabilities = False
        self.everything = False
        """Devices were moved in at once: building anew is the only way to see them."""

    def note(self, change: changes.Change) -> None:
        """Remember what a change names; kinds of no interest here only move ``seq``."""
        self.seq = max(self.seq, change.seq)
        payload = change.payload
        if change.kind == inventory.DEVICE_CHANGED:
            touched = self.devices.setdefault(payload["device_id"], set())
            touched.update(payload["added"], payload["removed"])
        elif change.kind == inventory.FACTS_CHANGED:
            self.facts.add(payload["device_id"])
            self.described.add(payload["device_id"])
        elif change.kind == settings.SETTINGS_CHANGED:
            self.settings.setdefault(payload["device_id"], set()).update(payload["added"], payload["removed"])
        elif change.kind == matching.MATCHES_CHANGED:
            self.versions.update(payload["software_version_ids"])
        elif change.kind == labels.POPULATION_CHANGED:
            self.facts.update(BitMap.deserialize(payload["devices"]))
        elif change.kind == labels.LABELS_CHANGED:
            self.labels = True
        elif change.kind == threats.DETECTIONS_CHANGED:
            self.detected.update(payload["device_ids"])
        elif change.kind == inventory.DEVICES_LOADED:
            self.everything = True
        elif change.kind == KNOWLEDGE_CHANGED:
            self.all_vulnerabilities = self.all_vulnerabilities or bool(payload.get("all"))
            self.vulnerabilities.update(payload["vulnerability_ids"])

    def __bool__(self) -> bool:
        named = self.devices or self.facts or self.versions or self.vulnerabilities or self.labels
        named = named or self.detected or self.settings or self.described
        return bool(named) or self.all_vulnerabilities

    def take_versions(self, limit: int) -> list[int]:
        """Remove and give the next versions: all that changed devices name, then others up to ``limit``."""
        urgent = self.versions & {version for touched in self.devices.values() for version in touched}
        rest = sorted(self.versions - urgent)[: max(0, limit - len(urgent))]
        taken = sorted(urgent.union(rest))
        self.versions.difference_update(taken)
        return taken


class Work(msgspec.Struct, frozen=True):
    """One batch, and changed hazards that are too many for it."""

    batch: Batch
    hazards: dict[int, int]


def next_work(
    tables: Tables,
    conn: Connection,
    view: FleetView,
    pending: Pending,
    hazard: Hazard,
    now: Micros,
    *,
    max_versions: int = MAX_VERSIONS_IN_BATCH,
    raised: Hazard = not_raised,
) -> Work:
    """Read what ``pending`` names, in this snapshot, and take it off; versions over ``max_versions`` stay in it.

    The batch carries a seq once nothing is left. All changes of the snapshot must be in ``pending``: a device's row may
    hold nothing that its noted changes do not name.
    """
    versions = pending.take_versions(max_versions)
    matches = _matches(tables, conn, versions)
    named = sorted(pending.devices.keys() | pending.facts)
    # So many are read and moved as sets, and what is installed on each of them is not asked for.
    is_bulk = len(pending.facts) > max(MIN_BULK, view.device_extent // BULK_SHARE)
    rows = dict(tables.installations(conn, sorted(pending.devices) if is_bulk else named)) if named else {}
    devices = [
        DeviceVersions(device_id, rows.get(device_id, NO_VERSIONS), frozenset(touched))
        for device_id, touched in sorted(pending.devices.items())
    ]
    places = tables.places(conn, pending.facts, now) if is_bulk else None
    facts = [] if is_bulk or not pending.facts else list(_facts(tables, conn, sorted(pending.facts), now, rows))
    software = _unknown_software(
        tables, conn, view, {version for one in devices for version in one.touched or ()}, versions
    )
    changed = _changed_hazards(tables, conn, view, pending, hazard)
    hazards = _first_hazards(tables, conn, view, matches, hazard)
    if len(changed) <= MAX_HAZARDS_IN_BATCH:
        hazards.update(changed)
        changed = {}
    detected = _detected(tables, conn, pending.detected) if pending.detected else {}
    raises = _raises(tables, conn, view, pending, detected, raised)
    pending.detected = set()
    found_labels = tables.labels(conn) if pending.labels else None
    told, platforms = _settings(tables, conn, pending), _platforms(tables, conn, pending)
    pending.devices, pending.facts, pending.vulnerabilities, pending.labels = {}, set(), set(), False
    pending.settings, pending.described = {}, set()
    pending.all_vulnerabilities = False
    seq = None if pending else pending.seq
    batch = Batch(
        seq=seq, software=software, devices=devices, facts=facts, places=places, matches=matches, hazards=hazards,
        labels=found_labels, detected=detected, raised=raises, settings=told, platforms=platforms,
    )  # fmt: skip
    return Work(batch, changed)


def load(
    tables: Tables,
    conn: Connection,
    fleet: Fleet,
    hazard: Hazard,
    now: Micros,
    *,
    pause: Pause = no_pause,
    raised: Hazard = not_raised,
) -> None:
    """Build the index from the tables of one snapshot, with the position in ``changes`` that belongs to it."""
    matches: dict[int, list[int]] = {}
    for version, vulnerability in tables.open_pairs(conn, None):
        matches.setdefault(version, []).append(vulnerability)
    present = sorted({vulnerability for found in matches.values() for vulnerability in found})
    detected = _detected(tables, conn, None)
    fleet.build(
        seq=changes.last_seq(conn),
        software=tables.software_of(conn, None),
        places=tables.places(conn, None, now),
        installations=_chunks(tables.installations(conn, None)),
        matches=matches,
        hazards=_hazards(tables, conn, present, hazard),
        labels=tables.labels(conn),
        settings=_chunks(tables.settings(conn, None)),
        platforms=DevicePlatforms(BitMap(), tables.platforms(conn, None)),
        detected=detected,
        raised=_hazards(tables, conn, sorted({one for some in detected.values() for one in some}), raised),
        pause=pause,
    )


def _matches(tables: Tables, conn: Connection, versions: list[int]) -> dict[int, list[int]]:
    matches: dict[int, list[int]] = {version: [] for version in versions}
    if versions:
        for version, vulnerability in tables.open_pairs(conn, versions):
            matches[version].append(vulnerability)
    return matches


def _facts(
    tables: Tables, conn: Connection, ids: Iterable[int], now: Micros, rows: dict[int, Ids]
) -> Iterator[DeviceFacts]:
    for device in tables.devices(conn, ids, now):
        versions = rows.get(device.id, NO_VERSIONS)
        yield DeviceFacts(device.id, device.group_id, device.device_value, device.is_counted, versions)


def _settings(tables: Tables, conn: Connection, pending: Pending) -> list[DeviceSettings]:
    if not pending.settings:
        return []
    rows = {one: frozenset(values.tolist()) for one, values in tables.settings(conn, sorted(pending.settings))}
    return [
        DeviceSettings(one, rows.get(one, frozenset()), frozenset(touched))
        for one, touched in sorted(pending.settings.items())
    ]


def _platforms(tables: Tables, conn: Connection, pending: Pending) -> DevicePlatforms | None:
    if not pending.described:
        return None
    named = BitMap(pending.described)
    found = tables.platforms(conn, None if len(named) > MIN_BULK else named)
    return DevicePlatforms(named, {kind: devices & named for kind, devices in found.items()})


def _unknown_software(
    tables: Tables, conn: Connection, view: FleetView, touched: set[int], versions: Iterable[int]
) -> Mapping[int, int]:
    unknown = sorted(version for version in touched.union(versions) if view.software_of_version(version) == 0)
    return tables.software_of(conn, unknown) if unknown else {}


def _hazards(tables: Tables, conn: Connection, vulnerability_ids: list[int], hazard: Hazard) -> dict[int, int]:
    if not vulnerability_ids:
        return {}
    facts = tables.facts(conn, vulnerability_ids)
    return {one: hazard(facts[one]) if one in facts else 0 for one in vulnerability_ids}


def _first_hazards(
    tables: Tables, conn: Connection, view: FleetView, matches: dict[int, list[int]], hazard: Hazard
) -> dict[int, int]:
    """Hazards of vulnerabilities that nothing had until now."""
    found = {vulnerability for some in matches.values() for vulnerability in some}
    unknown = sorted(one for one in found if int(view.hazard.one(one)) == UNKNOWN_HAZARD)
    return _hazards(tables, conn, unknown, hazard)


def _changed_hazards(
    tables: Tables, conn: Connection, view: FleetView, pending: Pending, hazard: Hazard
) -> dict[int, int]:
    """Hazards that are not what they were, of the named vulnerabilities that the index has."""
    if pending.all_vulnerabilities:
        named = view.present().tolist()
    else:
        named = sorted(one for one in pending.vulnerabilities if view.carriers[one])
    fresh = _hazards(tables, conn, named, hazard)
    return {one: value for one, value in fresh.items() if int(view.hazard.one(one)) != value}


def _chunks(rows: Iterable[tuple[int, Ids]]) -> Iterator[Chunk]:
    """Put the devices' rows together to chunks of about ``PAIRS_IN_CHUNK`` pairs."""
    ids: list[int] = []
    parts: list[Ids] = []
    size = 0
    for device_id, versions in rows:
        ids.append(device_id)
        parts.append(versions)
        size += len(versions)
        if size >= PAIRS_IN_CHUNK:
            yield _chunk(ids, parts)
            ids, parts, size = [], [], 0
    if size:
        yield _chunk(ids, parts)


def _chunk(ids: list[int], parts: list[Ids]) -> Chunk:
    lengths = np.array([len(part) for part in parts])
    return np.repeat(np.array(ids, np.int64), lengths), np.concatenate(parts).astype(np.int64)


def _detected(tables: Tables, conn: Connection, devices: Iterable[int] | None) -> dict[int, list[int]]:
    """Device -> vulnerabilities that are detected on it now; of the devices asked for, also those without any."""
    found: dict[int, list[int]] = {} if devices is None else {one: [] for one in devices}
    for device, vulnerability in tables.raising(conn, devices):
        found.setdefault(device, []).append(vulnerability)
    return found


def _raises(
    tables: Tables, conn: Connection, view: FleetView, pending: Pending, detected: dict[int, list[int]], raised: Hazard
) -> dict[int, int]:
    """Raised hazards that are new, and those whose facts may have changed."""
    known = view.detection.hazards
    asked = {one for some in detected.values() for one in some} - known.keys()
    asked |= known.keys() if pending.all_vulnerabilities else known.keys() & pending.vulnerabilities
    fresh = _hazards(tables, conn, sorted(asked), raised)
    return {one: value for one, value in fresh.items() if known.get(one) != value}
