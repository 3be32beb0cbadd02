"""A mapping by id of which few values change at a time: changing it costs what changed, not what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

V = TypeVar("V")

_MOST_ABOVE = 1_024


class Overlaid(Mapping[int, V]):
    """Immutable: ``with_`` gives another one, which shares what did not change. In the order of the first mapping."""

    __slots__ = ("_above", "_below")

    def __init__(self, below: dict[int, V], above: dict[int, V] | None = None) -> None:
        self._below = below
        self._above: dict[int, V] = above or {}

    def with_(self, changed: Mapping[int, V]) -> Overlaid[V]:
        """With other values of some ids; ids that were not there come last."""
        above = {**self._above, **changed}
        if len(above) > _MOST_ABOVE:
            return Overlaid({**self._below, **above})
        return Overlaid(self._below, above)

    def without(self, keys: Iterable[int]) -> Overlaid[V]:
        """Without some ids; where one of them is there, this costs what is there."""
        gone = [key for key in keys if key in self]
        if not gone:
            return self
        below = {**self._below, **self._above}
        for key in gone:
            del below[key]
        return Overlaid(below)

    def __getitem__(self, key: int) -> V:
        above = self._above
        return above[key] if key in above else self._below[key]

    def __contains__(self, key: object) -> bool:
        return key in self._above or key in self._below

    def __iter__(self) -> Iterator[int]:
        yield from self._below
        yield from (key for key in self._above if key not in self._below)

    def __len__(self) -> int:
        return len(self._below) + sum(key not in self._below for key in self._above)
