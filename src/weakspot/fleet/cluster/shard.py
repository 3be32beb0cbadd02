"""One shard: a part of the fleet index in a process, following ``changes`` by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from weakspot.fleet.cluster.contracts import Answer, Partition, Question
from weakspot.fleet.cluster.partition import PartitionTables
from weakspot.fleet.follower import FleetFollower
from weakspot.fleet.service import Hazard
from weakspot.runtime.clock import Clock
from weakspot.runtime.database import Database

_READERS = 2


class Asked(Protocol):
    """What a shard is to who holds it."""

    def ask(self, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float) -> Answer:
        """See ``Shard.ask``."""
        ...

    def wake(self) -> None:
        """See ``Shard.wake``."""
        ...


MakeShard = Callable[[Partition], Asked]


def following(partition: Partition, *, url: str, hazard: Hazard, raised: Hazard, clock: Clock) -> Shard:
    """A shard that follows the database at ``url``."""
    return Shard(url, partition, hazard, raised, clock)


class Shard:
    """Reads its part at the start, which takes a while; then answers. Ends with ``close``."""

    def __init__(self, url: str, partition: Partition, hazard: Hazard, raised: Hazard, clock: Clock) -> None:
        self._database = Database(url, readers=_READERS)
        try:
            tables = PartitionTables(partition)
            self._follower = FleetFollower(self._database, hazard=hazard, raised=raised, clock=clock, tables=tables)
        except BaseException:
            self._database.close()
            raise

    def ask(self, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float) -> Answer:
        """Answer once change ``at_least`` is in force here. Raises TimeoutError."""
        fleet = self._follower.fleet
        if fleet.seq < at_least:
            self._follower.wake()
            if not fleet.wait_for(at_least, timeout_seconds):
                raise TimeoutError(self._follower.failure or f"at change {fleet.seq}, not yet at {at_least}")
        view = fleet.view()
        return Answer(view.seq, question(view, *arguments))

    def wake(self) -> None:
        """Look for changes now."""
        self._follower.wake()

    def close(self) -> None:
        """End following. Idempotent."""
        self._follower.stop()
        self._database.close()
