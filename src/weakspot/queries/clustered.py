"""What an index of shards says of a scope: scores, device groups, worst devices, commonest weaknesses.

The numbers are those of the dashboard and the lists; each is a question or two to all shards, and names are read for
what is shown alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from sqlalchemy.engine import Connection

from weakspot import intel, inventory, posture, scoring
from weakspot.access.contracts import Scope
from weakspot.fleet.cluster import ClusterFleet
from weakspot.recommendations import clustered as standing
from weakspot.recommendations.clustered import ClusterInForce
from weakspot.runtime.clock import Micros
from weakspot.scoring import clustered, clustered_checks

MAX_TOP = 100


class GroupRow(msgspec.Struct, frozen=True):
    """A device group. Scores are None without devices."""

    id: int
    name: str
    devices: int
    exposure_score: float | None
    exposure_score_detected: float | None


class DeviceRow(msgspec.Struct, frozen=True):
    """A device with its active and its detected score."""

    id: str
    name: str
    exposure_score: float
    exposure_score_detected: float
    weaknesses: int


class WeaknessRow(msgspec.Struct, frozen=True):
    """A weakness, as the list of weaknesses counts it."""

    name: str
    exposed_devices: int
    detected_devices: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One scope. ``seq``: every number is of this change or a later one."""

    seq: int
    devices: int
    exposure_score: float | None
    exposure_score_detected: float | None
    secure_points: float
    secure_maximum: float
    groups: Sequence[GroupRow]
    worst_devices: Sequence[DeviceRow]
    weaknesses: Sequence[WeaknessRow]
    """The commonest first."""


def summary(conn: Connection, cluster: ClusterFleet, scope: Scope, now: Micros, *, top: int = 10) -> Summary:
    """See the module. top: rows of each list, at most 100. Raises Unavailable when a shard does not answer."""
    limit = max(0, min(top, MAX_TOP))
    seq = cluster.ready()
    held = standing.in_force(conn, cluster, now)
    names = {one.id: one.name for one in inventory.groups(conn) if scope.includes(one.id)}
    scopes = [scope, *(scope.narrowed(frozenset([one])) for one in names)]
    active = clustered.scores(cluster, scopes, excepted=held.reducing)
    detected = clustered.scores(cluster, scopes)
    counted = cluster.known().counted
    groups = [
        GroupRow(group, names[group], len(counted.get(group, ())), active[place], detected[place])
        for place, group in enumerate(names, 1)
    ]
    secure = scoring.secure_total(
        clustered_checks.secure_score_of(cluster, posture.current(conn), scope, held.by_check)
    )
    return Summary(
        seq=seq,
        devices=sum(one.devices for one in groups),
        exposure_score=active[0],
        exposure_score_detected=detected[0],
        secure_points=secure.points,
        secure_maximum=secure.maximum,
        groups=groups,
        worst_devices=_devices(conn, cluster, scope, held, now, limit),
        weaknesses=_weaknesses(conn, cluster, scope, held, limit),
    )


def _devices(
    conn: Connection, cluster: ClusterFleet, scope: Scope, held: ClusterInForce, now: Micros, limit: int
) -> list[DeviceRow]:
    columns = clustered.top_devices(cluster, limit, scope, excepted=held.reducing)
    ids, active, detected, findings = columns
    known = {one.id: one for one in inventory.fleet_device(conn, ids.tolist(), now)}
    rows = zip(
        ids.tolist(), scoring.device_scores(active).tolist(), scoring.device_scores(detected).tolist(),
        findings.tolist(), strict=True,
    )  # fmt: skip
    return [
        DeviceRow(known[one].public_id, known[one].name, score, as_detected, number)
        for one, score, as_detected, number in rows
        if one in known
    ]


def _weaknesses(
    conn: Connection, cluster: ClusterFleet, scope: Scope, held: ClusterInForce, limit: int
) -> list[WeaknessRow]:
    ids, detected = cluster.vulnerability_counts(scope)
    hidden = clustered.excepted_counts(cluster, scope, held.hidden)
    exposed = detected - np.array([hidden.get(one, 0) for one in ids.tolist()], np.int64)
    order = np.lexsort((ids, -detected, -exposed))[:limit]
    facts = intel.facts(conn, ids[order].tolist())
    rows = zip(ids[order].tolist(), exposed[order].tolist(), detected[order].tolist(), strict=True)
    return [WeaknessRow(facts[one].name, here, there) for one, here, there in rows if one in facts]
