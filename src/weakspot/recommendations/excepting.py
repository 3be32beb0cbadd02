"""What exceptions take out of recommendations, counts and scores, in the moment in which they are in force.

Nothing is written per device: an exception's reach is a bitmap made of device groups, tags or devices, and what it
covers follows from the catalogue, so a decision is in force over the whole fleet with the next question. What does not
apply to a device, because a part of its system is off, goes out by the same bitmaps and is told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import exceptions, intel, inventory
from weakspot.access.contracts import Scope
from weakspot.exceptions import KeptException
from weakspot.fleet import Fleet, FleetView
from weakspot.posture import FeatureCondition
from weakspot.recommendations import conditions, service
from weakspot.recommendations.catalogue import Catalogue
from weakspot.recommendations.conditions import Told, Unmet
from weakspot.recommendations.contracts import Recommendation
from weakspot.recommendations.facts import Facts, OfView
from weakspot.recommendations.rules import advising
from weakspot.runtime.clock import Micros, to_iso
from weakspot.scoring import Cover, Excepted

ExceptionStatus = Literal["active", "full_exception", "partial_exception"]
"""spec/features.md 6.2 and 9.1."""


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

    def of_recommendation(self, ident: str) -> Sequence[KeptException]:
        """Those that are about a recommendation."""
        return self.about.get(ident, ())

    def reached(self, kept: Iterable[KeptException]) -> BitMap:
        """Devices that any of some exceptions reaches."""
        return BitMap.union(BitMap(), *(self.reach[one.id] for one in kept))


def in_force(conn: Connection, fleet: Fleet, view: FleetView, now: Micros) -> InForce:
    """What holds now; made once a view and decision, within milliseconds."""
    told = conditions.told(conn, view)

    def make() -> InForce:
        found = standing(conn, OfView(view), lambda: service.current(conn, fleet), now, told)
        inapplicable = Excepted(view, found.inapplicable)
        if not found.kept:
            return InForce({}, {}, inapplicable, inapplicable, inapplicable, unmet=found.unmet)
        return InForce(
            found.kept,
            found.reach,
            Excepted(view, found.reducing),
            Excepted(view, found.hiding),
            inapplicable,
            _by_recommendation(found.kept.values()),
            found.unmet,
        )

    return view.memo(("recommendations.exceptions", exceptions.stamp(conn), told), make)


class Standing(msgspec.Struct, frozen=True):
    """The exceptions that hold, and all that they and unmet conditions cover; as ``InForce``, before any index."""

    kept: Mapping[int, KeptException]
    reach: Mapping[int, BitMap]
    reducing: Sequence[Cover]
    hiding: Sequence[Cover]
    inapplicable: Sequence[Cover]
    unmet: Sequence[Unmet]


def standing(
    conn: Connection, facts: Facts, catalogue: Callable[[], Catalogue], now: Micros, told: Told | None = None
) -> Standing:
    """What holds now. told: as ``conditions.told`` said; None: it is asked."""
    kept = {one.id: one for one in exceptions.in_force(conn, now)}
    unmet = conditions.unmet(conn, facts, conditions.told(conn, facts) if told is None else told)
    away = [one.cover for one in unmet]
    if not kept:
        return Standing({}, {}, away, away, away, unmet)
    known = catalogue()
    reach = {one.id: _reach(conn, facts, one) for one in kept.values()}
    installed = facts.installed_of(_versions_of(known, kept.values()))
    covers = {one.id: _cover(conn, facts, known, one, reach[one.id], now, installed) for one in kept.values()}
    return Standing(
        kept,
        reach,
        [*away, *(covers[i] for i, one in kept.items() if one.is_reducing)],
        [*away, *(covers[i] for i, one in kept.items() if one.subject_kind == "vulnerability")],
        away,
        unmet,
    )


def _versions_of(known: Catalogue, kept: Iterable[KeptException]) -> list[int]:
    """Versions of the products that some exceptions are about."""
    subjects = {one.subject for one in kept if one.subject_kind == "recommendation"}
    products = (known.products[one] for one in sorted(subjects) if one in known.products)
    return [version for product in products for version in product.versions]


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
    still = BitMap()
    for version in made.exposed:
        devices = view.devices_of_version(version, scope) - away
        if not devices:
            continue
        mine = _taken(known, made, version)
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


def _taken(known: Catalogue, made: Recommendation, version: int) -> BitMap:
    """Vulnerabilities that a recommendation takes off a version."""
    advice = known.advice[version]
    if made.remediation_type == "AttentionRequired":
        return advice.zero_days
    return advice.open - made.replaced.get(version, BitMap())


def _reach(conn: Connection, facts: Facts, kept: KeptException) -> BitMap:
    scope = kept.scope
    match scope.kind:
        case "device_group":
            devices = facts.members_of(kept.group_ids)
        case "tag":
            devices = BitMap(inventory.tagged(conn, scope.tags))
        case "device":
            devices = BitMap(scope.device_ids)
        case _:
            devices = facts.all_devices()
    if scope.within_group_ids is not None:
        devices &= facts.members_of(scope.within_group_ids)
    return devices


def _cover(
    conn: Connection, facts: Facts, known: Catalogue, kept: KeptException, reach: BitMap, now: Micros, installed: BitMap
) -> Cover:
    if kept.subject_kind == "recommendation":
        return _recommendation_cover(installed, known, kept.subject, reach, to_iso(now)[:10])
    vulnerability = intel.find(conn, kept.subject)
    if vulnerability is None:  # no source names it any more: there is nothing to cover
        return Cover(versions=frozenset(), vulnerabilities=BitMap(), devices=reach)
    versions = frozenset(facts.carriers_of([vulnerability]).get(vulnerability, ()))
    if kept.scope.kind == "software":
        wanted = set(kept.scope.software_ids)
        versions = frozenset(one for one, owner in facts.software_of(versions).items() if owner in wanted)
    return Cover(versions=versions, vulnerabilities=BitMap([vulnerability]), devices=reach)


def _recommendation_cover(installed: BitMap, known: Catalogue, ident: str, reach: BitMap, today: str) -> Cover:
    product = known.products.get(ident)
    here = [] if product is None else [known.advice[one] for one in product.versions if one in installed]
    made = None if product is None or not here else advising.recommend(product, here, today)
    if made is None:
        return Cover(versions=frozenset(), vulnerabilities=BitMap(), devices=reach)
    uncovered: dict[int, set[int]] = {}
    for version in made.exposed:
        for left in (known.advice[version].open & made.weaknesses) - _taken(known, made, version):
            uncovered.setdefault(left, set()).add(version)
    return Cover(
        versions=frozenset(made.exposed),
        vulnerabilities=made.weaknesses,
        devices=reach,
        uncovered={one: frozenset(versions) for one, versions in uncovered.items()},
    )
