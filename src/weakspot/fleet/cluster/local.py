"""Shards in this process: for tests, and to measure what splitting alone costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from weakspot.fleet.cluster.contracts import Answer, Partition, Question
from weakspot.fleet.cluster.shard import Shard


class LocalShards:
    """``Shards`` as plain objects, each asked on a thread of its own."""

    def __init__(self, make: Callable[[Partition], Shard], count: int, *, block: int) -> None:
        self._shards = [make(Partition(number, count, block)) for number in range(count)]
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="shard")

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._shards)

    def ask(
        self, number: int, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float
    ) -> Future[Answer]:
        """As ``Shards.ask``."""
        return self._pool.submit(self._shards[number].ask, question, arguments, at_least, timeout_seconds)

    def hindrance(self) -> str:
        """As ``Shards.hindrance``: nothing."""
        return ""

    def wake(self) -> None:
        """As ``Shards.wake``."""
        for shard in self._shards:
            shard.wake()

    def close(self) -> None:
        """As ``Shards.close``."""
        self._pool.shutdown()
        for shard in self._shards:
            shard.close()
