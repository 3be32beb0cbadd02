"""Advice for every software version with weaknesses: derived from matches and knowledge, for all scopes at once.

A full reading judges every target once. Afterwards only those versions are read again whose matches changed, whose
software new knowledge speaks of (a target's own weaknesses may be others then), or which name a vulnerability of which
something else became known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching, scoring
from weakspot.inventory.contracts import Software, SoftwareVersion
from weakspot.recommendations.contracts import Advice, Product, Recommendation, Support
from weakspot.recommendations.rules import naming, support
from weakspot.recommendations.rules.advising import is_newer, newest
from weakspot.recommendations.targets import Probe, Target, settle
from weakspot.runtime.clock import Micros, to_iso

_BY_UPDATES = "windows"
"""Types that begin with this are fixed by updates: what has a fix goes with them, the rest stays."""


Made = tuple[tuple[int, ...], str, Recommendation | None]
"""Software versions that a recommendation was made of, the day, and the recommendation (None: nothing can be done)."""


class Catalogue(msgspec.Struct, frozen=True):
    """Advice by software version, products by id, and hazards of vulnerabilities that only targets have."""

    advice: Mapping[int, Advice]
    products: Mapping[str, Product]
    product_of: Mapping[int, str]
    hazards: Mapping[int, int]
    lifecycle: Sequence[intel.LifecycleRecord]
    """Support dates that it was made with."""
    made: dict[str, Made] = msgspec.field(default_factory=dict)
    """The last recommendation of each product: from one report to the next few are others. Do not change them."""


class _Open(msgspec.Struct):
    """Open matches of one software version."""

    open: BitMap
    fixed: BitMap
    fixes: set[str]
    is_waiting: bool
    late: dict[int, Micros]
    """Vulnerabilities that were found without a fix, and since when there is one."""


class _Texts(msgspec.Struct, frozen=True):
    """Versions to look at for one software version."""

    target: Probe | None
    support: Support | None
    upgrade: Probe | None


def read(conn: Connection, software_version_ids: Iterable[int] | None) -> Catalogue:
    """Advice for these software versions (None: all) as far as they have weaknesses."""
    found = _open_matches(conn, software_version_ids)
    versions = inventory.software_versions(conn, list(found) if software_version_ids is not None else None)
    versions = {one: versions[one] for one in sorted(found) if one in versions}
    software = inventory.software(conn, {one.software_id for one in versions.values()})
    dates = intel.lifecycle(conn)
    lines = support.by_identity(dates)
    texts = {one.id: _texts(one, found[one.id], lines) for one in versions.values()}
    targets = _settled(conn, {i: one.target for i, one in texts.items()}, climb=True)
    upgrades = _settled(conn, {i: one.upgrade for i, one in texts.items()}, climb=False)
    exploited = _exploited(conn, found)
    answered = _answered(conn, found, exploited)
    advice = {
        one.id: _advice(one, found[one.id], texts[one.id].support, targets, upgrades, exploited, answered)
        for one in versions.values()
    }
    products, product_of = _products(versions, software)
    return Catalogue(advice, products, product_of, _hazards(conn, advice.values()), dates)


def merged(known: Catalogue, fresh: Catalogue, versions: Iterable[int]) -> Catalogue:
    """``known`` with everything about these versions taken from ``fresh``."""
    dropped = set(versions)
    advice = {i: one for i, one in known.advice.items() if i not in dropped} | dict(fresh.advice)
    product_of = {i: one for i, one in known.product_of.items() if i not in dropped} | dict(fresh.product_of)
    products = dict(known.products)
    remade = {known.product_of[i] for i in dropped if i in known.product_of} | set(fresh.products)
    for product_id in remade:
        made = _joined(known.products.get(product_id), fresh.products.get(product_id), dropped)
        if made is None:
            products.pop(product_id, None)
        else:
            products[product_id] = made
    kept = {i: one for i, one in known.made.copy().items() if i not in remade}
    return Catalogue(advice, products, product_of, {**known.hazards, **fresh.hazards}, fresh.lifecycle, kept)


def speaking_of(known: Catalogue, vulnerabilities: BitMap) -> set[int]:
    """Software versions whose advice speaks of any of these vulnerabilities."""
    if not vulnerabilities:
        return set()
    return {
        i
        for i, one in known.advice.items()
        if one.open.intersect(vulnerabilities)
        or one.remaining.intersect(vulnerabilities)
        or one.upgrade_remaining.intersect(vulnerabilities)
    }


def _joined(known: Product | None, fresh: Product | None, dropped: set[int]) -> Product | None:
    kept = () if known is None else tuple(one for one in known.versions if one not in dropped)
    if fresh is None:
        return msgspec.structs.replace(known, versions=kept) if known is not None and kept else None
    if known is None or not kept:
        return fresh
    return msgspec.structs.replace(
        known,
        versions=tuple(sorted({*kept, *fresh.versions})),
        software_ids=tuple(sorted({*known.software_ids, *fresh.software_ids})),
    )


def _open_matches(conn: Connection, ids: Iterable[int] | None) -> dict[int, _Open]:
    found: dict[int, _Open] = {}
    for version, vulnerability, fixed, status, fixed_since in matching.open_fixes(conn, ids):
        one = found.get(version)
        if one is None:
            one = found[version] = _Open(BitMap(), BitMap(), set(), False, {})
        one.open.add(vulnerability)
        if fixed:
            one.fixed.add(vulnerability)
            one.fixes.add(fixed)
            if fixed_since is not None:
                one.late[vulnerability] = fixed_since
        one.is_waiting |= status == "pending_restart"
    return found


def _texts(
    version: SoftwareVersion, found: _Open, lines: Mapping[tuple[str, str], list[intel.LifecycleRecord]]
) -> _Texts:
    compared = version.source_version or version.version
    above = (fix for fix in found.fixes if version.type.startswith(_BY_UPDATES) or found.is_waiting
             or is_newer(version.scheme, fix, compared))  # fmt: skip
    text = newest(version.scheme, above)
    known = support.find(((one.ecosystem, one.name) for one in matching.candidates(version)), lines)
    told = support.support_of(version.version, known) if known else None
    return _Texts(
        target=None if text is None else Probe(version, text),
        support=told,
        upgrade=None if told is None or not told.upgrade_to else Probe(version, told.upgrade_to),
    )


def _settled(conn: Connection, wanted: Mapping[int, Probe | None], *, climb: bool) -> dict[int, Target]:
    """Targets by software version. What updates fix is not judged anew: an update has no version of its own."""
    judged = {i: one for i, one in wanted.items() if one is not None and not one.like.type.startswith(_BY_UPDATES)}
    settled = dict(zip(judged, settle(conn, list(judged.values()), climb=climb), strict=True))
    by_updates = {i: one for i, one in wanted.items() if one is not None and i not in judged}
    return settled | {i: Target(one.version, BitMap()) for i, one in by_updates.items()}


def _exploited(conn: Connection, found: Mapping[int, _Open]) -> BitMap:
    """Of the vulnerabilities that are without a fix, or were, those that are known to be exploited."""
    unfixed = BitMap.union(BitMap(), *((one.open - one.fixed) | BitMap(one.late) for one in found.values()))
    facts = intel.facts(conn, list(unfixed))
    return BitMap([one.id for one in facts.values() if one.is_known_exploited and one.withdrawn_at is None])


def _answered(conn: Connection, found: Mapping[int, _Open], exploited: BitMap) -> dict[int, BitMap]:
    """Software version -> its vulnerabilities that were exploited before there was a fix, and have one now."""
    known: dict[int, str] = {}
    answered: dict[int, BitMap] = {}
    for version, one in found.items():
        for vulnerability in BitMap(one.late) & exploited:
            if vulnerability not in known:
                known[vulnerability] = intel.detail(conn, vulnerability).known_exploited_since or ""
            if known[vulnerability][:10] <= to_iso(one.late[vulnerability])[:10]:
                answered.setdefault(version, BitMap()).add(vulnerability)
    return answered


def _advice(
    version: SoftwareVersion,
    found: _Open,
    told: Support | None,
    targets: Mapping[int, Target],
    upgrades: Mapping[int, Target],
    exploited: BitMap,
    answered: Mapping[int, BitMap],
) -> Advice:
    target, upgrade = targets.get(version.id), upgrades.get(version.id)
    remaining = BitMap() if target is None else target.remaining
    if target is not None and version.type.startswith(_BY_UPDATES):
        remaining = found.open - found.fixed
    return Advice(
        software_version_id=version.id,
        open=found.open,
        fixed=found.fixed,
        zero_days=(found.open - found.fixed) & exploited,
        answered_zero_days=answered.get(version.id, BitMap()),
        target=None if target is None else target.version,
        remaining=remaining,
        is_waiting=found.is_waiting,
        support=told,
        upgrade_remaining=BitMap() if upgrade is None else upgrade.remaining,
        owner=naming.owner(version)[1],
    )


def _products(
    versions: Mapping[int, SoftwareVersion], software: Mapping[int, Software]
) -> tuple[dict[str, Product], dict[int, str]]:
    members: dict[str, list[SoftwareVersion]] = defaultdict(list)
    names: dict[str, tuple[str, str]] = {}
    product_of: dict[int, str] = {}
    for version in versions.values():
        mine = software[version.software_id]
        name = naming.product_name(version, mine)
        ident = product_of[version.id] = naming.product_id(mine, name)
        members[ident].append(version)
        names.setdefault(ident, (mine.vendor, name))
    products = {
        ident: Product(
            id=ident,
            vendor=names[ident][0],
            name=names[ident][1],
            versions=tuple(sorted(one.id for one in some)),
            software_ids=tuple(sorted({one.software_id for one in some})),
            type=some[0].type,
        )
        for ident, some in members.items()
    }
    return products, product_of


def _hazards(conn: Connection, advice: Iterable[Advice]) -> dict[int, int]:
    """Hazards of what targets have."""
    coming: Sequence[int] = list(BitMap.union(BitMap(), *(a.remaining | a.upgrade_remaining for a in advice)))
    return {i: scoring.hazard(one) for i, one in intel.facts(conn, coming).items()}
