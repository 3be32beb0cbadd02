"""The exceptions in force over an index that is made of shards: as ``in_force`` of one index, ready to travel."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.exceptions import KeptException
from weakspot.fleet.cluster import ClusterFleet
from weakspot.recommendations import service
from weakspot.recommendations.configuring import excepted_checks
from weakspot.recommendations.facts import OfCluster
from weakspot.recommendations.standing import standing
from weakspot.runtime.clock import Micros
from weakspot.scoring.clustered import Covers, covers_of


class ClusterInForce(msgspec.Struct, frozen=True):
    """As ``InForce``. The covers are for ``scoring.clustered``, ``by_check`` is for ``scoring.clustered_checks``."""

    kept: Mapping[int, KeptException]
    reach: Mapping[int, BitMap]
    reducing: Covers
    hidden: Covers
    inapplicable: Covers
    by_check: Mapping[str, BitMap]


def in_force(conn: Connection, cluster: ClusterFleet, now: Micros) -> ClusterInForce:
    """What holds now: a few questions, and one more for each exception of a weakness. Keep it as long as
    ``exceptions.stamp`` and the last change are the same.
    """
    found = standing(conn, OfCluster(cluster), lambda: service.current(conn, cluster), now)
    return ClusterInForce(
        found.kept,
        found.reach,
        covers_of(found.reducing),
        covers_of(found.hiding),
        covers_of(found.inapplicable),
        excepted_checks(found.kept, found.reach),
    )
