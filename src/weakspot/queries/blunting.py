"""Checks that blunt the class of attack that weaknesses are known to be used in (docs/posture.md).

What they take away is not measured by anybody, so they are named and counted, and change no score and no impact.
"""

from __future__ import annotations

from pyroaring import BitMap

from weakspot import intel, posture
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
    found = []
    for state in CheckReader(lens).states.values():
        techniques = posture.blunted(state.check, every)
        if not techniques or not state.is_enabled or not state.applicable.intersect(exposed):
            continue
        found.append(
            BluntingCheck(
                id=state.check.id,
                title=state.check.title,
                techniques=techniques,
                weaknesses=sum(not known.isdisjoint(techniques) for known in used.values()),
                failing_devices=state.non_compliant.intersection_cardinality(exposed),
                compliant_devices=state.compliant.intersection_cardinality(exposed),
                unknown_devices=len(state.unknown & exposed),
            )
        )
    return sorted(found, key=lambda one: (-one.failing_devices, -one.weaknesses, one.id))[:SHOWN]
