"""Which update contains which, followed to the end.

The vendor says of each update which ones it replaces; all that those replaced is contained too. The data hold circles
(two updates that name each other) and updates that name themselves: both are harmless here.
"""

from __future__ import annotations

from collections.abc import Iterable

_NOTHING: frozenset[str] = frozenset()


class Supersedence:
    """The graph of updates, by the digits of their KB numbers. Safe to share: answers are remembered, never changed."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """pairs: (update, update that it replaces)."""
        direct: dict[str, set[str]] = {}
        for update, replaced in pairs:
            if update != replaced:
                direct.setdefault(update, set()).add(replaced)
        self._direct = direct
        self._contained: dict[str, frozenset[str]] = {}

    def contained(self, update: str) -> frozenset[str]:
        """Updates of which everything is in ``update``, itself included."""
        known = self._contained.get(update)
        if known is None:
            known = self._contained[update] = self._walk((update,))
        return known

    def all_contained(self, updates: Iterable[str]) -> frozenset[str]:
        """Union of what each of them contains, themselves included."""
        return self._walk(tuple(updates))

    def contains(self, update: str, other: str) -> bool:
        """Whether ``update`` replaces ``other``, or is it."""
        return other in self.contained(update)

    def extended(self, pairs: Iterable[tuple[str, str]]) -> Supersedence:
        """This graph with more links; this one stays as it is."""
        more = Supersedence(pairs)
        if not more._direct:
            return self
        direct = dict(self._direct)
        for update, replaced in more._direct.items():
            direct[update] = direct.get(update, set()) | replaced
        more._direct = direct
        return more

    def _walk(self, start: tuple[str, ...]) -> frozenset[str]:
        seen = set(start)
        waiting = list(start)
        while waiting:
            fresh = self._direct.get(waiting.pop(), _NOTHING) - seen
            seen |= fresh
            waiting += fresh
        return frozenset(seen)


NO_SUPERSEDENCE = Supersedence(())


def newest(updates: Iterable[str], graph: Supersedence) -> list[str]:
    """Those that no other of them replaces, sorted. Of updates that replace each other the greatest number stays."""
    given = set(updates)
    kept = []
    for update in given:
        above = (o for o in given if o != update and graph.contains(o, update))
        if not any(not graph.contains(update, other) or _rank(other) > _rank(update) for other in above):
            kept.append(update)
    return sorted(kept, key=_rank)


def _rank(update: str) -> tuple[int, str]:
    return len(update), update
