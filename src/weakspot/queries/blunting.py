"""Checks that blunt the class of attack that weaknesses are known to be used in (docs/posture.md).

What they take away is not measured by anybody: the share that is told is a convention, as that of other mitigations
(``recommendations.RISK_TAKEN``), and changes no score and no impact.
"""

from __future__ import annotations

from pyroaring import BitMap

from weakspot import intel, posture, recommendations
from weakspot.queries.checks import CheckReader
from weakspot.queries.contracts import BluntingCheck
from weakspot.queries.lens import Lens

SHOWN = 20


def of(lens: Lens, weaknesses: BitMap, exposed: BitMap) -> list[BluntingCheck]:
    """At most 20, those that most exposed devices fail first."""
    used = {one: known for one, known in intel.techniques(lens.conn).items() if one in weaknesses}
    every = frozenset().union(*used.values())
    if not every:
        return []
    hazards = {one: lens.view.vulnerability_hazard(one) for one in weaknesses}
    where = {one: lens.view.devices_of_vulnerability(one, lens.scope) for one in used}
    whole = sum(hazard * lens.view.count_of_vulnerability(one, lens.scope) for one, hazard in hazards.items())
    found = []
    for state in CheckReader(lens).states.values():
        techniques = posture.blunted(state.check, every)
        if not techniques or not state.is_enabled or not state.applicable.intersect(exposed):
            continue
        blunted = [one for one, known in used.items() if not known.isdisjoint(techniques)]
        taken = sum(hazards[one] * where[one].intersection_cardinality(state.non_compliant) for one in blunted)
        found.append(
            BluntingCheck(
                id=state.check.id,
                title=state.check.title,
                techniques=techniques,
                weaknesses=len(blunted),
                failing_devices=state.non_compliant.intersection_cardinality(exposed),
                compliant_devices=state.compliant.intersection_cardinality(exposed),
                unknown_devices=len(state.unknown & exposed),
                risk_share=recommendations.RISK_TAKEN["configuration"] * taken / whole if whole else 0.0,
            )
        )
    return sorted(found, key=lambda one: (-one.failing_devices, -one.weaknesses, one.id))[:SHOWN]
