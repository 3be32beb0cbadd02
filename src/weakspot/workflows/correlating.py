"""What detections hang on: made of inventory, matches and intelligence, and made again when one of them changes.

The decision is ``threats.correlate``; here is what it needs to know of a device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching, threats
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.runtime.changes import Change
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.following import Reaction, Unit
from weakspot.threats import Detection, InstalledProduct, Link, Suspect

KNOWLEDGE_CHANGED = "intel.knowledge"
MOST_ACTIVE = 5_000
"""Active detections that are hung anew after a change of knowledge."""

_EXPLOITS = ("none", "proof_of_concept", "public", "verified", "kit", "known_exploited")
_EXPLOITABLE = _EXPLOITS.index("public")


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


def _likelihood(facts: VulnerabilityFacts) -> tuple[int, float, float, str]:
    level = len(_EXPLOITS) if facts.is_used_by_ransomware else _EXPLOITS.index(facts.exploit_level)
    return level, facts.epss or 0.0, facts.cvss_score or 0.0, facts.name
