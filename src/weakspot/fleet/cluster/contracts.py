"""What crosses the border between the shards and who asks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from pyroaring import BitMap

T = TypeVar("T")

Question = Callable[..., Any]
"""A function of a module, called with a ``FleetView`` and the arguments in the shard's process; it and its answer must
be picklable."""

BLOCK = 4096
"""Devices in a row that share a shard: pages and bitmap containers of a shard are then mostly its own."""


class ShardLost(Exception):
    """A shard cannot be reached now; it is being started again somewhere, and the question may be asked again."""


class ShardFailed(Exception):
    """A shard cannot be made, and asking again will not help: somebody must change something first."""


class Partition(msgspec.Struct, frozen=True):
    """One part of the devices: blocks of ids, dealt out in turn. ``number``: 0 to ``of`` - 1."""

    number: int
    of: int
    block: int = BLOCK

    def has(self, device_id: int) -> bool:
        """Whether the device is in this part."""
        return device_id // self.block % self.of == self.number

    def below(self, extent: int) -> BitMap:
        """All ids of this part that are below ``extent``, whether there are such devices or not."""
        ids = BitMap()
        for start in range(self.number * self.block, extent, self.of * self.block):
            ids.add_range(start, min(start + self.block, extent))
        return ids


class Answer(msgspec.Struct, frozen=True):
    """One shard's part: ``seq`` is the last change that it had taken."""

    seq: int
    value: Any


class Whole(msgspec.Struct, Generic[T], frozen=True):
    """The parts put together; ``seq``: the earliest of them, at or after the newest change when it was asked for."""

    seq: int
    value: T


class Shards(Protocol):
    """How questions reach the shards."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def ask(
        self, number: int, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float
    ) -> Future[Answer]:
        """Ask one shard, once it has taken change ``at_least``. The Future raises ShardLost when it is not there,
        TimeoutError when it has not come that far in time, and ShardFailed when it never will be there."""
        ...

    def hindrance(self) -> str:
        """What keeps shards from answering, as far as that is known from outside of them; empty: nothing."""
        ...

    def wake(self) -> None:
        """Something was committed: look now instead of at the next poll."""
        ...

    def close(self) -> None:
        """End all shards. Idempotent."""
        ...
