"""Detections: taken from the products that make them, put to their devices, hung on what they are about.

Correlation needs the inventory, the matches and the intelligence, so it lives here; the decision itself is
``threats.correlate``. It is made when a detection comes, and again for detections that count when the software of
the device, the matches or the knowledge change (``correlation_reaction``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, intel, inventory, matching, threats
from weakspot.access import Caller, Scope
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.runtime.changes import Change
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.following import Reaction, Unit
from weakspot.threats import Decision, Detection, DeviceHints, InstalledProduct, Link, Suspect

KNOWLEDGE_CHANGED = "intel.knowledge"
OUT_OF_SCOPE = "The token that sent it may not see a device of that name, id or address."
UNKNOWN = "No device has that name, id or address."
AMBIGUOUS = "Several devices have that name or address; the detection does not say which."
MOST_UNRESOLVED = 500
MOST_ACTIVE = 5_000
"""Active detections that are hung anew after a change of knowledge."""

_EXPLOITS = ("none", "proof_of_concept", "public", "verified", "kit", "known_exploited")
_EXPLOITABLE = _EXPLOITS.index("public")


class RefusedEvent(msgspec.Struct, frozen=True):
    """An event that could not be used: its place in the body, from 0, and why."""

    index: int
    reason: str


class DetectionsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one call. ``correlated``: detections that hang on a software or a vulnerability."""

    taken: int
    updated: int
    unchanged: int
    ignored: int
    unresolved: int
    correlated: int
    ids: list[str]
    refused: list[RefusedEvent]


def record_detections(database: Database, caller: Caller, intake_name: str, body: Any, now: Micros) -> DetectionsTaken:
    """Take the events of a body. Answered after the commit. Raises NotFound for an unknown intake, TooLarge."""
    with database.read() as conn:
        intake = threats.intake_named(conn, intake_name)
    read = threats.read_events(intake, body)

    def unit(conn: Connection) -> DetectionsTaken:
        correlation = Correlation(conn)
        counts = {"taken": 0, "updated": 0, "unchanged": 0, "unresolved": 0, "correlated": 0}
        ids: list[str] = []
        changed: list[Detection] = []
        for _, observed in read.observed:
            device_id, reason = resolve(conn, observed.device, caller.scope)
            detection, is_news = threats.take(conn, intake.name, observed, device_id, reason, now)
            links = correlation.links(detection)
            is_news = threats.hang(conn, detection, links) or is_news
            counts["unchanged" if not is_news else "taken" if detection.seen == 1 else "updated"] += 1
            counts["unresolved"] += detection.device_id is None
            counts["correlated"] += bool(links)
            ids.append(detection.public_id)
            if is_news:
                changed.append(detection)
        if changed:
            threats.tell(conn, changed, now)
        return DetectionsTaken(
            ids=ids, ignored=read.ignored, refused=[RefusedEvent(*one) for one in read.refused[:100]], **counts
        )

    return database.write(unit)


def decide_detection(database: Database, actor: Caller, detection_id: int, made: Decision, now: Micros) -> Detection:
    """What a person says of a detection; in force at once, audited. Raises NotFound."""

    def unit(conn: Connection) -> Detection:
        decided = threats.decide(conn, detection_id, made, f"{actor.kind}:{actor.id}:{actor.name}", now)
        threats.hang(conn, decided, Correlation(conn).links(decided))
        threats.tell(conn, [decided], now)
        said = {name: value for name, value in msgspec.structs.asdict(made).items() if value is not None}
        access.record_audit(conn, now, actor, "detection.decide", decided.public_id, said)
        return decided

    return database.write(unit)


def put_detection_mapping(database: Database, actor: Caller, made: threats.Mapping, now: Micros) -> None:
    """Add or replace the mapping of an own product, audited. Raises Conflict, TooLarge."""

    def unit(conn: Connection) -> None:
        threats.put_mapping(conn, made, f"{actor.kind}:{actor.id}:{actor.name}", now)
        access.record_audit(conn, now, actor, "detection_mapping.put", made.name)

    database.write(unit)


def remove_detection_mapping(database: Database, actor: Caller, name: str, now: Micros) -> None:
    """Remove a mapping; what it took stays. Raises NotFound."""

    def unit(conn: Connection) -> None:
        threats.remove_mapping(conn, name)
        access.record_audit(conn, now, actor, "detection_mapping.remove", name)

    database.write(unit)


def resolve_again(database: Database, now: Micros) -> int:
    """Put detections that count and whose device was not known to devices that came since. Returns how many."""
    with database.read() as conn:
        waiting = [one for one in threats.unresolved(conn, MOST_UNRESOLVED) if one.unresolved_because != OUT_OF_SCOPE]
        found = {one.id: resolve(conn, one.observed.device, Scope(None)) for one in waiting}
    resolved = [one for one in waiting if found[one.id][0] is not None]
    if not resolved:
        return 0

    def unit(conn: Connection) -> None:
        correlation, changed = Correlation(conn), []
        for one in resolved:
            detection, _ = threats.take(conn, one.intake, one.observed, *found[one.id], now)
            threats.hang(conn, detection, correlation.links(detection))
            changed.append(detection)
        threats.tell(conn, changed, now)

    database.write(unit)
    return len(resolved)


def resolve(conn: Connection, hints: DeviceHints, scope: Scope) -> tuple[int | None, str]:
    """The one device that the hints name, or None and why. Never a guess: what fits several devices fits none.

    Ids count most, then hardware, names and addresses; a later kind only tells apart what an earlier one left open.
    """
    among: set[int] | None = None
    is_outside = False
    for candidates in _candidates(conn, hints):
        if not candidates:
            continue
        seen = {one.id for one in inventory.devices(conn, sorted(candidates)[:50]) if scope.includes(one.group_id)}
        is_outside = is_outside or len(seen) < len(candidates)
        if not seen:
            continue
        narrowed = seen if among is None else seen & among
        among = narrowed or among
        if among is not None and len(among) == 1:
            return next(iter(among)), ""
    if among:
        return None, AMBIGUOUS
    return None, OUT_OF_SCOPE if is_outside else UNKNOWN


class Correlation:
    """Hangs detections on what they are about; reads each device once. Of one snapshot."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._devices: dict[int, _OnDevice] = {}
        self._techniques: dict[int, frozenset[str]] | None = None

    def links(self, detection: Detection) -> list[Link]:
        """What the detection hangs on now; nothing unless it counts and its device is known."""
        if not detection.is_active or detection.device_id is None:
            return []
        on_device = self._of(detection.device_id)
        observed = detection.observed
        named = {found for name in observed.vulnerabilities if (found := intel.find(self._conn, name)) is not None}
        needs_products = bool(observed.paths or observed.programs)
        return threats.correlate(
            detection.id,
            detection.device_id,
            observed,
            named=named,
            installed=on_device.products(self._conn) if needs_products else (),
            suspects=on_device.suspects(self._conn, self._known_techniques()),
        )

    def _of(self, device_id: int) -> _OnDevice:
        if device_id not in self._devices:
            self._devices[device_id] = _OnDevice(self._conn, device_id)
        return self._devices[device_id]

    def _known_techniques(self) -> Mapping[int, frozenset[str]]:
        if self._techniques is None:
            self._techniques = intel.techniques(self._conn)
        return self._techniques


class _OnDevice:
    """What is on one device, read when it is first asked for."""

    def __init__(self, conn: Connection, device_id: int) -> None:
        self.device_id = device_id
        self.versions = sorted(inventory.installation_times(conn, device_id))
        self.carried: dict[int, set[int]] = {}
        for version, vulnerability in matching.open_pairs(conn, self.versions):
            self.carried.setdefault(version, set()).add(vulnerability)
        self._products: list[InstalledProduct] | None = None
        self._suspects: dict[int, Suspect] | None = None

    def products(self, conn: Connection) -> Sequence[InstalledProduct]:
        """Its software versions with names, paths and vulnerabilities."""
        if self._products is None:
            seen = inventory.evidence(conn, self.device_id)
            self._products = [
                InstalledProduct(
                    software_id=one.software_id,
                    names=threats.names_of(one.name, one.source_name),
                    paths=seen[one.id].paths if one.id in seen else (),
                    vulnerabilities=frozenset(self.carried.get(one.id, ())),
                )
                for one in inventory.software_versions(conn, self.versions).values()
            ]
        return self._products

    def suspects(self, conn: Connection, techniques: Mapping[int, frozenset[str]]) -> Mapping[int, Suspect]:
        """Its vulnerabilities."""
        if self._suspects is None:
            ids = sorted({one for some in self.carried.values() for one in some})
            facts = intel.facts(conn, ids) if ids else {}
            self._suspects = {
                one: Suspect(
                    _likelihood(known),
                    known.is_known_exploited or _EXPLOITS.index(known.exploit_level) >= _EXPLOITABLE,
                    techniques.get(one, frozenset()),
                )
                for one, known in facts.items()
                if known.withdrawn_at is None
            }
        return self._suspects


def correlation_reaction(clock: Clock) -> Reaction:
    """Hangs detections that count anew when what they hang on changed."""

    def look(conn: Connection, rows: Sequence[Change]) -> Unit | None:
        devices: set[int] = set()
        is_wide = False
        for row in rows:
            if row.kind == inventory.DEVICE_CHANGED:
                devices.add(row.payload["device_id"])
            else:
                is_wide = True
        return _hung_anew(conn, threats.active_of_devices(conn, None if is_wide else sorted(devices)), clock())

    return Reaction(
        name="threats.correlation",
        kinds=frozenset(
            {inventory.DEVICE_CHANGED, inventory.DEVICES_LOADED, matching.MATCHES_CHANGED, KNOWLEDGE_CHANGED}
        ),
        look=look,
        catch_up=lambda conn: _hung_anew(conn, threats.active_of_devices(conn, None), clock()),
    )


def link_differences(conn: Connection) -> list[str]:
    """Active detections that hang on something else than a fresh correlation gives, in words."""
    stale = _compared(conn, threats.active_of_devices(conn, None))
    return [f"{one.public_id} ({one.observed.title[:100]})" for one, _ in stale]


def hang_again(conn: Connection, now: Micros) -> int:
    """Make all links of active detections anew, in the caller's unit of work. Returns how many detections changed."""
    stale = _compared(conn, threats.active_of_devices(conn, None))
    for detection, links in stale:
        threats.hang(conn, detection, links)
    if stale:
        threats.tell(conn, [detection for detection, _ in stale], now)
    return len(stale)


def _compared(conn: Connection, ids: Iterable[int]) -> list[tuple[Detection, list[Link]]]:
    """Detections whose links are not what they should be, with those that they should have."""
    wanted = list(ids)
    detections = threats.some(conn, wanted)
    had: dict[int, list[Link]] = {one: [] for one in detections}
    for link in threats.links_of(conn, wanted):
        had[link.detection_id].append(link)
    correlation = Correlation(conn)
    found = []
    for one, detection in detections.items():
        links = correlation.links(detection)
        if links != had[one]:
            found.append((detection, links))
    return found


def _hung_anew(conn: Connection, ids: Iterable[int], now: Micros) -> Unit | None:
    stale = _compared(conn, list(ids)[-MOST_ACTIVE:])
    if not stale:
        return None

    def unit(writing: Connection) -> None:
        for detection, links in stale:
            threats.hang(writing, detection, links)
        threats.tell(writing, [detection for detection, _ in stale], now)

    return unit


def _candidates(conn: Connection, hints: DeviceHints) -> Iterable[set[int]]:
    yield {found for one in hints.ids if (found := inventory.device_id_of(conn, one)) is not None}
    yield inventory.devices_with_hardware(conn, hints.hardware)
    yield {device for name in hints.names for device in _named(conn, name)}
    for address in hints.addresses[:10]:
        if not _is_everywhere(address):
            yield inventory.devices_with_address(conn, address)


def _named(conn: Connection, name: str) -> set[int]:
    """Devices of that name; a full one is also that of a device with the short one, unless its domain differs."""
    plain = name.strip().rstrip(".")
    found = set(inventory.device_ids_named(conn, plain))
    short, dot, domain = plain.partition(".")
    if not found and dot:
        shorter = inventory.devices(conn, inventory.device_ids_named(conn, short))
        found = {one.id for one in shorter if not one.domain or one.domain.lower() == domain.lower()}
    return found


def _is_everywhere(address: str) -> bool:
    return address.startswith(("127.", "0.", "169.254.", "fe80:")) or address in ("::1", "::", "any", "localhost")


def _likelihood(facts: VulnerabilityFacts) -> tuple[int, float, float, str]:
    level = len(_EXPLOITS) if facts.is_used_by_ransomware else _EXPLOITS.index(facts.exploit_level)
    return level, facts.epss or 0.0, facts.cvss_score or 0.0, facts.name
