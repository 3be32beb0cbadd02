"""What the form of a remediation request offers, and what a filled one says."""

from __future__ import annotations

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.queries.columns import natural
from weakspot.queries.contracts import GroupRow
from weakspot.queries.lens import Lens, ids_of
from weakspot.remediation.contracts import MitigationAction, Priority, RemediationOption
from weakspot.runtime.clock import Micros


class RemediationForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a request for a recommendation can say (spec/features.md 7.1).

    groups: with exposed devices, ``devices`` of each; option, priority and due_on are proposals; trackers: names of
    those that tickets can be opened in, by id.
    """

    recommendation_id: str
    title: str
    options: list[RemediationOption]
    option: RemediationOption
    groups: list[GroupRow]
    exposed_devices: int
    priority: Priority
    due_on: str | None
    due_reason: str
    trackers: dict[int, str]
    active_activities: int


class AskedActivity(msgspec.Struct, frozen=True, kw_only=True):
    """A filled form. group_ids None: all that the caller may see; due_at: the requester's own, else by the rules."""

    recommendation_id: str
    option: RemediationOption | None = None
    group_ids: frozenset[int] | None = None
    due_at: Micros | None = None
    priority: Priority | None = None
    notes: str = ""
    mitigation: MitigationAction = "None"


def group_rows(lens: Lens, exposed: BitMap) -> list[GroupRow]:
    """Device groups with exposed devices, by name."""
    counts = {group: len(exposed & lens.view.population.members_of([group])) for group in lens.group_names}
    return [
        GroupRow(id=group, name=name, devices=counts[group])
        for group, name in sorted(lens.group_names.items(), key=lambda one: natural(one[1]))
        if counts[group]
    ]


def groups_of(lens: Lens, targets: BitMap) -> tuple[int, ...]:
    """Device groups that some counted devices are in, ascending."""
    population = lens.view.population
    columns = np.unique(population.column_of.take(ids_of(targets))).tolist() if targets else []
    return tuple(sorted(population.group_ids[column - 1] for column in columns if column > 0))
