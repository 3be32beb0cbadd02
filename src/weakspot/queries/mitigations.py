"""Alternate mitigations of a recommendation: what can be done instead, where somebody says that it is, what that takes.

A statement holds for the devices of its group that are exposed now, so that a device that gets the fix leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from pyroaring import BitMap

from weakspot import intel, recommendations, remediation, scoring
from weakspot.queries.contracts import AlternateMitigation, MitigationStatement
from weakspot.queries.lens import Lens
from weakspot.remediation import Mitigated
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound

LOOKED_AT = 20
"""Worst weaknesses of a recommendation that are looked through for mitigations."""
_KINDS = ("workaround", "mitigation", "required_action")
_TEXT = 2_000


class Mitigations(msgspec.Struct, frozen=True):
    """What there is, on how many exposed devices any of it is said to be applied, and the share (0-1) of the
    recommendation's risk there that this takes away."""

    known: list[AlternateMitigation]
    devices: int
    risk_share: float


def of(lens: Lens, recommendation_id: str, weaknesses: BitMap, exposed: BitMap) -> Mitigations:
    """Of a recommendation's weaknesses on the devices that it is for, in the scope."""
    hazards = {one: lens.view.vulnerability_hazard(one) for one in weaknesses}
    worst = sorted(hazards, key=lambda i: (-hazards[i], i))[:LOOKED_AT]
    details = {one: intel.detail(lens.conn, one) for one in worst}
    names = {known.facts.name: one for one, known in details.items()}
    said = [
        one
        for one in remediation.mitigations_in_force(lens.conn, recommendation_id, names)
        if lens.scope.includes(one.device_group_id)
    ]
    whole = sum(hazards.values())
    reach = {one.id: _reach(lens, one, names[one.weakness], exposed) for one in said}
    known = [
        _shown(lens, known.facts.name, each, recommendations.share_taken(each.kind, hazards[one], whole), hazards[one],
               [each_said for each_said in said if each_said.mitigation_id == _id(known.facts.name, each)], reach)
        for one, known in details.items()
        for each in known.mitigations
        if each.kind in _KINDS
    ]  # fmt: skip
    return Mitigations(
        known=known,
        devices=len(BitMap.union(BitMap(), *reach.values())),
        risk_share=_share(lens, hazards, exposed, said, reach, names),
    )


def resolve(
    lens: Lens, recommendation_id: str, known: Sequence[AlternateMitigation], asked: str, evidence: str,
    group_ids: Iterable[int],
) -> list[Mitigated]:  # fmt: skip
    """A statement for each device group, as it would be kept. Raises NotFound."""
    found = next((one for one in known if one.id == asked), None)
    if found is None:
        raise NotFound("This recommendation has no such mitigation; open it again, its sources may say another thing.")
    groups = sorted(set(group_ids))
    if not all(one in lens.group_names and lens.scope.includes(one) for one in groups):
        raise NotFound("There is no such device group among those that you may see.")
    return [
        Mitigated(
            id=0,
            recommendation_id=recommendation_id,
            mitigation_id=found.id,
            weakness=found.weakness,
            kind=found.kind,
            device_group_id=group,
            evidence=evidence,
            stated_by="",
            stated_at=0,
        )
        for group in groups
    ]


def groups_of(lens: Lens, devices: BitMap) -> list[int]:
    """Device groups of the scope that some devices are in."""
    population = lens.view.population
    return [
        group
        for group, members in zip(population.group_ids, population.members[1:], strict=True)
        if lens.scope.includes(group) and members.intersect(devices)
    ]


def _id(weakness: str, each: intel.Mitigation) -> str:
    return remediation.mitigation_id(weakness, each.kind, each.text)


def _reach(lens: Lens, said: Mitigated, weakness: int, exposed: BitMap) -> BitMap:
    members = lens.view.population.members_of([said.device_group_id])
    return lens.view.devices_of_vulnerability(weakness, lens.scope) & exposed & members


def _share(
    lens: Lens,
    hazards: Mapping[int, int],
    exposed: BitMap,
    said: Sequence[Mitigated],
    reach: Mapping[int, BitMap],
    names: Mapping[str, int],
) -> float:
    """Of all hazards on all devices; where several are said of one weakness, the one that takes most counts."""
    if not said:
        return 0.0
    whole = sum(
        hazard * len(lens.view.devices_of_vulnerability(one, lens.scope) & exposed) for one, hazard in hazards.items()
    )
    taken = 0.0
    seen: dict[str, BitMap] = {}
    for one in sorted(said, key=lambda one: -recommendations.RISK_TAKEN.get(one.kind, 0.0)):
        before = seen.setdefault(one.weakness, BitMap())
        fresh = reach[one.id] - before
        before |= fresh
        taken += recommendations.RISK_TAKEN.get(one.kind, 0.0) * hazards[names[one.weakness]] * len(fresh)
    return taken / whole if whole else 0.0


def _shown(
    lens: Lens,
    weakness: str,
    each: intel.Mitigation,
    share: float,
    hazard: int,
    said: Sequence[Mitigated],
    reach: Mapping[int, BitMap],
) -> AlternateMitigation:
    return AlternateMitigation(
        id=_id(weakness, each),
        weakness=weakness,
        kind=each.kind,  # type: ignore[arg-type]
        text=each.text[:_TEXT],
        url=each.url or None,
        due_on=each.due_on,
        risk_share=share,
        hazard=hazard / scoring.HAZARD_UNIT,
        applied_devices=len(BitMap.union(BitMap(), *(reach[one.id] for one in said))),
        applied=[
            MitigationStatement(
                id=one.id,
                group_id=one.device_group_id,
                group_name=lens.group_names.get(one.device_group_id, ""),
                devices=len(reach[one.id]),
                evidence=one.evidence,
                stated_by=one.stated_by.partition(":")[2].partition(":")[2],
                stated_at=to_iso(one.stated_at),
            )
            for one in said
        ],
    )
