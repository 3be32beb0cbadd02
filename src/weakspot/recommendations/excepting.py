"""What exceptions take out of recommendations, counts and scores, in the moment in which they are in force.

Nothing is written per device: an exception's reach is a bitmap made of device groups, tags or devices, and what it
covers follows from the catalogue, so a decision is in force over the whole fleet with the next question. What does not
apply to a device, because a part of its system is off, goes out by the same bitmaps and is told apart.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import exceptions, intel
from weakspot.access.contracts import Scope
from weakspot.exceptions import KeptException
from weakspot.fleet import Fleet, FleetView
from weakspot.posture import FeatureCondition
from weakspot.recommendations import conditions, service
from weakspot.recommendations.catalogue import Catalogue
from weakspot.recommendations.conditions import Unmet
from weakspot.recommendations.contracts import Recommendation
from weakspot.recommendations.facts import OfView
from weakspot.recommendations.standing import standing, taken
from weakspot.runtime.clock import Micros
from weakspot.scoring import Excepted, TakenOut

ExceptionStatus = Literal["active", "full_exception", "partial_exception"]
"""spec/features.md 6.2 and 9.1."""
FOREVER: Micros = 1 << 62


class InForce(msgspec.Struct, frozen=True):
    """The exceptions that hold now. Bitmaps are shared: do not change them.

    reach: devices of each exception, by its id, in all device groups. reducing: findings that count neither in
    after-exception counts nor impacts; hidden: those of them that are excepted by vulnerability (spec 9.5). Both hold
    what does not apply too; inapplicable holds that alone.
    """

    kept: Mapping[int, KeptException]
    reach: Mapping[int, BitMap]
    reducing: Excepted
    hidden: Excepted
    inapplicable: Excepted
    about: Mapping[str, Sequence[KeptException]] = {}
    """Those that are about a recommendation, by its id."""
    unmet: Sequence[Unmet] = ()
    """Conditions that are known not to be met on some device (spec/features.md 11.5)."""
    until: Micros = FOREVER
    """First moment at which one of ``kept`` is over."""

    def missing_feature(
        self, device_id: int, vulnerability_id: int, software_version_id: int | None = None
    ) -> FeatureCondition | None:
        """The part of the system that is off, so that a vulnerability does not apply to the device (as far as one
        software version carries it); None where it applies, or nobody tells.
        """
        if software_version_id is None and device_id not in self.inapplicable.devices.get(vulnerability_id, ()):
            return None
        return next(
            (one.feature for one in self.unmet if one.is_about(device_id, vulnerability_id, software_version_id)), None
        )

    def inapplicable_on(self, device_id: int) -> BitMap:
        """Vulnerabilities of a device that do not apply to it; the caller's own."""
        return BitMap(one for one, devices in self.inapplicable.devices.items() if device_id in devices)

    @property
    def conditional(self) -> BitMap:
        """Vulnerabilities that may not apply where some device has them; the caller's own."""
        return BitMap.union(BitMap(), *(one.cover.vulnerabilities for one in self.unmet))

    def carrying(
        self, view: FleetView, vulnerability_ids: Iterable[int], within: Container[int] | None = None
    ) -> BitMap:
        """All devices, counted or not, that have any of some vulnerabilities and to which it applies.

        within: software versions; None: whatever carries them.
        """
        plain: set[int] = set()
        subject: list[set[int]] = [set() for _ in self.unmet]
        for one in vulnerability_ids:
            carriers = {version for version in view.carriers[one] if within is None or version in within}
            for number, condition in enumerate(self.unmet):
                if one in condition.cover.vulnerabilities:
                    subject[number] |= carriers & condition.cover.versions
                    carriers -= condition.cover.versions
            plain |= carriers
        found = view.carrying(sorted(plain))
        for versions, condition in zip(subject, self.unmet, strict=True):
            found |= view.carrying(sorted(versions)) - condition.cover.devices
        return found

    def applying(self, view: FleetView, software_version_ids: Iterable[int], devices: BitMap) -> BitMap:
        """Vulnerabilities that some software versions bring onto some devices and that apply to one of these; the
        caller's own.
        """
        here = [one for one in software_version_ids if view.installed[one].intersect(devices)]
        found = view.vulnerabilities_of_versions(here)
        for condition in self.unmet:
            cover = condition.cover
            subject = found & cover.vulnerabilities
            found -= subject
            for version in here if subject else ():
                mine = view.weaknesses[version] & subject
                if mine and (version not in cover.versions or (view.installed[version] & devices) - cover.devices):
                    found |= mine
        return found

    def of_recommendation(self, ident: str) -> Sequence[KeptException]:
        """Those that are about a recommendation."""
        return self.about.get(ident, ())

    def reached(self, kept: Iterable[KeptException]) -> BitMap:
        """Devices that any of some exceptions reaches."""
        return BitMap.union(BitMap(), *(self.reach[one.id] for one in kept))


class _Last(msgspec.Struct, frozen=True):
    """What was made last, to be taken over where nothing of it has changed. Holds no view: only bitmaps of what
    exceptions cover, those that the newest view that was asked holds too.
    """

    stamp: tuple[int, int]
    at: Micros
    until: Micros
    """First moment at which one of ``kept`` is over."""
    kept: Sequence[KeptException]
    knowledge: int
    ids: Mapping[str, int | None]
    """Names of vulnerabilities that are excepted -> id."""
    reducing: TakenOut
    hidden: TakenOut
    inapplicable: TakenOut


_lasts: weakref.WeakKeyDictionary[Fleet, _Last] = weakref.WeakKeyDictionary()
_lasts_lock = threading.Lock()


def in_force(conn: Connection, fleet: Fleet, view: FleetView, now: Micros) -> InForce:
    """What holds now; made once a view and decision, and again when the time of an exception is over, within
    milliseconds.
    """
    told = conditions.told(conn, view)
    stamp = exceptions.stamp(conn)

    def make() -> InForce:
        with _lasts_lock:
            last = _lasts.get(fleet)
        kept, names = _kept(conn, now, stamp, last), _Names(conn, last)
        found = standing(conn, OfView(view), lambda: service.current(conn, fleet), now, told, kept, names.find)
        inapplicable = Excepted(view, found.inapplicable, None if last is None else last.inapplicable)
        if found.kept:
            reducing = Excepted(view, found.reducing, None if last is None else last.reducing)
            hidden = Excepted(view, found.hiding, None if last is None else last.hidden)
        else:
            reducing = hidden = inapplicable
        until = min((one.until_at for one in kept), default=FOREVER)
        with _lasts_lock:
            _lasts[fleet] = _Last(stamp, now, until, kept, names.knowledge, names.known, reducing.taken_out,
                                  hidden.taken_out, inapplicable.taken_out)  # fmt: skip
        about = _by_recommendation(found.kept.values())
        return InForce(found.kept, found.reach, reducing, hidden, inapplicable, about, found.unmet, until)

    key: tuple[object, ...] = ("recommendations.exceptions", stamp, told)
    known: InForce = view.memo(key, make)
    while now >= known.until:
        key = (*key, known.until)
        known = view.memo(key, make)
    return known


def _kept(conn: Connection, now: Micros, stamp: tuple[int, int], last: _Last | None) -> Sequence[KeptException]:
    """Exceptions that hold now; read once a decision, and again when the time of one is over."""
    if last is not None and last.stamp == stamp and last.at <= now < last.until:
        return last.kept
    return exceptions.in_force(conn, now)


class _Names:
    """Ids of vulnerabilities by name, looked up once a knowledge version."""

    def __init__(self, conn: Connection, last: _Last | None) -> None:
        self._conn = conn
        self.knowledge = intel.current_version(conn)
        self.known: dict[str, int | None] = {}
        self._before: Mapping[str, int | None] = {}
        if last is not None and last.knowledge == self.knowledge:
            self._before = last.ids

    def find(self, name: str) -> int | None:
        """As ``intel.find``."""
        found = self._before[name] if name in self._before else intel.find(self._conn, name)
        self.known[name] = found
        return found


def _by_recommendation(kept: Iterable[KeptException]) -> dict[str, list[KeptException]]:
    about: dict[str, list[KeptException]] = {}
    for one in kept:
        if one.subject_kind == "recommendation":
            about.setdefault(one.subject, []).append(one)
    return about


def status(found: InForce, view: FleetView, scope: Scope, made: Recommendation) -> ExceptionStatus:
    """Whether a recommendation is active in the scope (spec/features.md 6.2, 9.1 and 9.4, rule 2)."""
    about = found.of_recommendation(made.product.id)
    if not about:
        return "active"
    reached = found.reached(about) & view.scope_bitmap(scope)
    if not reached:
        return "active"
    if any(one.scope.kind == "global" and one.scope.within_group_ids is None for one in about):
        return "full_exception"
    return "full_exception" if view.devices_of_versions(made.exposed, scope) <= reached else "partial_exception"


def controlled(found: InForce, made: Recommendation) -> BitMap:
    """Devices on which a score-reducing exception stands for a recommendation; the caller's own."""
    return found.reached(one for one in found.of_recommendation(made.product.id) if one.is_reducing)


def exposed_after(found: InForce, known: Catalogue, view: FleetView, scope: Scope, made: Recommendation) -> BitMap:
    """Exposed devices in scope without those that score-reducing exceptions cover (spec/features.md 6.3)."""
    away = controlled(found, made)
    excepted, listed = found.reducing.devices, found.reducing.vulnerabilities
    if not away and not listed.intersect(made.weaknesses):
        return view.devices_of_versions(made.exposed, scope)
    still = BitMap()
    for version in made.exposed:
        devices = view.devices_of_version(version, scope) - away
        if not devices:
            continue
        mine = taken(known, made, version)
        if not mine or mine - listed:
            still |= devices
        else:
            for out in {id(excepted[one]): excepted[one] for one in mine}.values():
                still |= devices - out
    return still


def impact_after(found: InForce, known: Catalogue, view: FleetView, scope: Scope, made: Recommendation) -> float:
    """As ``impact``, where excepted devices and findings count neither before nor after (spec/features.md 9.4, 9.5)."""
    away = controlled(found, made)
    return service.impact(known, view, scope, made, excluded=away, excepted=found.reducing)
