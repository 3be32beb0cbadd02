"""The fleet index beyond one process: devices split into shards, each a ``Fleet`` of its own that follows ``changes``.

In: the same tables as the embedded index; every shard reads its own devices and all of the matches and hazards.
Out: the answers of ``questions``, put together from the shards: counts and hazard sums add up exactly, sets of devices
are disjoint, the first k of a list are the first k of the shards' first k.

Invariants: a device is in one shard only; every part of an answer is at or after the change that was the newest when it
was asked for; a shard that is being rebuilt is waited for, and after the timeout the answer is an error that names it,
never a sum without it. Ray is imported by ``rays`` alone (extra ``cluster``).
"""

from weakspot.fleet.cluster.contracts import Answer, Partition, ShardFailed, ShardLost, Shards, Whole
from weakspot.fleet.cluster.local import LocalShards
from weakspot.fleet.cluster.partition import PartitionTables
from weakspot.fleet.cluster.service import ClusterFleet
from weakspot.fleet.cluster.shard import MakeShard, Shard, following

__all__ = [
    "Answer",
    "ClusterFleet",
    "LocalShards",
    "MakeShard",
    "Partition",
    "PartitionTables",
    "Shard",
    "ShardFailed",
    "ShardLost",
    "Shards",
    "Whole",
    "following",
]
