"""Exceptions in force as VEX statements, and statements of others as requests for exceptions."""

from __future__ import annotations

from collections.abc import Iterable

from weakspot import intel, inventory, recommendations
from weakspot.access.contracts import Scope
from weakspot.exceptions import ExceptionScope, KeptException, NewException
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens
from weakspot.remediation.vex import FLEET, MAX_STATEMENTS, SOFTWARE, VexStatement
from weakspot.runtime.clock import Micros


def statements(read: ReadContext, scope: Scope) -> list[VexStatement]:
    """What holds for all devices: global exceptions, and those for some software. Others cannot be said in VEX.

    An exception of a recommendation is one statement for each vulnerability that it takes away.
    """
    lens = Lens(read, scope)
    found: list[VexStatement] = []
    for kept in lens.exceptions.kept.values():
        if kept.scope.kind in ("global", "software") and kept.scope.within_group_ids is None:
            found += _of(lens, kept)
    return found[:MAX_STATEMENTS]


def wanted(
    read: ReadContext, scope: Scope, told: Iterable[VexStatement], until_at: Micros
) -> tuple[list[NewException], int]:
    """(requests that statements call for, how many name nothing that is known here)."""
    lens = Lens(read, scope)
    found: dict[tuple[str, tuple[int, ...], str], NewException] = {}
    unknown = 0
    for one in told:
        vulnerability = intel.find(read.conn, one.vulnerability)
        facts = intel.facts(read.conn, [vulnerability]) if vulnerability is not None else {}
        software = {s for product in one.products if (s := _software(lens, product)) is not None}
        is_everywhere = FLEET in one.products
        if vulnerability is None or vulnerability not in facts or not (software or is_everywhere):
            unknown += 1
            continue
        where = ExceptionScope(
            kind="global" if is_everywhere else "software",
            software_ids=() if is_everywhere else tuple(sorted(software)),
            within_group_ids=None if scope.group_ids is None else tuple(sorted(scope.group_ids)),
        )
        name = facts[vulnerability].name
        found[name, where.software_ids, where.kind] = NewException(
            subject_kind="vulnerability",
            subject=name,
            scope=where,
            justification=one.justification,
            context=one.context,
            until_at=until_at,
        )
    return list(found.values()), unknown


def _of(lens: Lens, kept: KeptException) -> list[VexStatement]:
    if kept.subject_kind == "vulnerability":
        software = lens.memory.software(lens.read, kept.scope.software_ids)
        products = tuple(SOFTWARE + one.public_id for one in software.values() if one.id in kept.scope.software_ids)
        return [_statement(kept, kept.subject, products or (FLEET,))]
    catalogue = recommendations.current(lens.conn, lens.read.fleet)
    product = catalogue.products.get(kept.subject)
    if product is None:
        return []
    known = lens.memory.software(lens.read, product.software_ids)
    ids = tuple(SOFTWARE + known[one].public_id for one in product.software_ids if one in known)
    flaws = {one for version in product.versions for one in catalogue.advice[version].open}
    return [_statement(kept, one.name, ids) for one in intel.facts(lens.conn, sorted(flaws)).values()]


def _statement(kept: KeptException, vulnerability: str, products: tuple[str, ...]) -> VexStatement:
    return VexStatement(
        vulnerability=vulnerability, products=products, justification=kept.justification, context=kept.context
    )


def _software(lens: Lens, product: str) -> int | None:
    if product.startswith(SOFTWARE):
        return inventory.software_id_of(lens.conn, product.removeprefix(SOFTWARE))
    return None
