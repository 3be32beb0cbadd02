"""What the exceptions that hold and unmet conditions cover, before any index: of one view, or of one made of shards."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import exceptions, intel, inventory
from weakspot.exceptions import KeptException
from weakspot.recommendations import conditions
from weakspot.recommendations.catalogue import Catalogue
from weakspot.recommendations.conditions import Told, Unmet
from weakspot.recommendations.contracts import Recommendation
from weakspot.recommendations.facts import Facts
from weakspot.recommendations.rules import advising
from weakspot.runtime.clock import Micros, to_iso
from weakspot.scoring import Cover

Find = Callable[[str], "int | None"]


class Standing(msgspec.Struct, frozen=True):
    """The exceptions that hold, and all that they and unmet conditions cover; as ``InForce``, before any index."""

    kept: Mapping[int, KeptException]
    reach: Mapping[int, BitMap]
    reducing: Sequence[Cover]
    hiding: Sequence[Cover]
    inapplicable: Sequence[Cover]
    unmet: Sequence[Unmet]


def standing(
    conn: Connection,
    facts: Facts,
    catalogue: Callable[[], Catalogue],
    now: Micros,
    told: Told | None = None,
    holding: Sequence[KeptException] | None = None,
    find: Find | None = None,
) -> Standing:
    """What holds now. told: as ``conditions.told`` said; holding: the exceptions that hold; find: as ``intel.find`` of
    this snapshot. None: they are asked.
    """
    kept = {one.id: one for one in (exceptions.in_force(conn, now) if holding is None else holding)}
    unmet = conditions.unmet(conn, facts, conditions.told(conn, facts) if told is None else told)
    away = [one.cover for one in unmet]
    if not kept:
        return Standing({}, {}, away, away, away, unmet)
    known = catalogue()
    reach = {one.id: _reach(conn, facts, one) for one in kept.values()}
    installed = facts.installed_of(_versions_of(known, kept.values()))
    find = functools.partial(intel.find, conn) if find is None else find
    covers = {one.id: _cover(find, facts, known, one, reach[one.id], now, installed) for one in kept.values()}
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


def taken(known: Catalogue, made: Recommendation, version: int) -> BitMap:
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
    find: Find, facts: Facts, known: Catalogue, kept: KeptException, reach: BitMap, now: Micros, installed: BitMap
) -> Cover:
    if kept.subject_kind == "recommendation":
        return _recommendation_cover(installed, known, kept.subject, reach, to_iso(now)[:10])
    vulnerability = find(kept.subject)
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
        for left in (known.advice[version].open & made.weaknesses) - taken(known, made, version):
            uncovered.setdefault(left, set()).add(version)
    return Cover(
        versions=frozenset(made.exposed),
        vulnerabilities=made.weaknesses,
        devices=reach,
        uncovered={one: frozenset(versions) for one, versions in uncovered.items()},
    )
