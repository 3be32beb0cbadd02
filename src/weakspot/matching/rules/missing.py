"""Which updates a Windows system lacks, in as few lines as say it all.

Wanted is every update that fixes something open here, and every update that the device itself asks for and that some
advisory knows. Of those, one that another wanted update replaces by the vendor's own word is not listed, and neither is
one whose flaws another fixes too (of a month's "security only" update and its rollup one is enough), unless the device
asks for it or for one that only it replaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from weakspot.matching.rules.supersedence import newest
from weakspot.matching.rules.windows import OpenFlaw, System

_Known = Mapping[str, Sequence[tuple[int, str]]]


class Lacking(msgspec.Struct, frozen=True):
    """An update to install: its number, what it fixes here, the products that it is for, and whether it is installed
    already and waits for a restart."""

    update: str
    vulnerability_ids: frozenset[int]
    products: tuple[str, ...]
    is_waiting: bool


def lacking(system: System, flaws: Iterable[OpenFlaw], known: _Known, threshold: int) -> list[Lacking]:
    """Updates to install, newest first.

    known: update -> (vulnerability id, product) pairs of the updates that the device asks for; threshold: flaws with
    less confidence ask for nothing.
    """
    wanted, products = _wanted(system, flaws, threshold)
    for update, pairs in known.items():
        if update in system.reached:
            continue  # the build proves it, the list is stale
        of_system = update in wanted or update in system.chain  # what it fixes here is told already
        wanted.setdefault(update, set()).update(set() if of_system else {flaw for flaw, _ in pairs})
        products.setdefault(update, set()).update(product for _, product in pairs)
    kept = {update: _with_replaced(system, update, wanted) for update in newest(wanted, system.stated)}
    asked = [update for update in known if update not in system.reached]
    chosen = [u for u in kept if _is_asked(system, u, kept, asked) or not _is_spare(u, kept, known)]
    return [
        Lacking(update, kept[update], tuple(sorted(products[update])), update in system.waiting)
        for update in sorted(chosen, key=lambda kb: (len(kb), kb), reverse=True)
    ]


def _wanted(
    system: System, flaws: Iterable[OpenFlaw], threshold: int
) -> tuple[dict[str, set[int]], dict[str, set[str]]]:
    wanted: dict[str, set[int]] = {}
    products: dict[str, set[str]] = {}
    for flaw in flaws:
        if flaw.confidence < threshold:
            continue
        for fix in flaw.fixes:
            if fix.update and fix.update not in system.in_effect:
                wanted.setdefault(fix.update, set()).add(flaw.vulnerability_id)
                products.setdefault(fix.update, set()).add(flaw.candidate.name)
    return wanted, products


def _with_replaced(system: System, update: str, wanted: Mapping[str, set[int]]) -> frozenset[int]:
    contained = system.graph.contained(update)
    return frozenset().union(*(ids for other, ids in wanted.items() if other in contained))


def _is_asked(system: System, update: str, kept: Iterable[str], asked: Iterable[str]) -> bool:
    """Whether the device asks for this, or for one that this replaces and no other of the list does."""
    others = [other for other in kept if other != update]
    return any(
        system.stated.contains(update, wish) and not any(system.stated.contains(other, wish) for other in others)
        for wish in asked
    )


def _is_spare(update: str, kept: Mapping[str, frozenset[int]], known: _Known) -> bool:
    """Whether another one of the list does all that this one does."""
    mine = kept[update]
    for other, theirs in kept.items():
        if other == update or not mine <= theirs:
            continue
        if mine < theirs or other in known or (len(other), other) > (len(update), update):
            return True
    return False
