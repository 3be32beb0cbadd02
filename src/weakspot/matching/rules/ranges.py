"""Which versions of one software an advisory's range covers.

Versions are held as sorted byte keys, so one range over all versions of an identity is two binary searches; the work
grows with what is hit, not with versions x ranges.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from weakspot.intel.contracts import Claim
from weakspot.vocabulary import versions


class TestedVersion(msgspec.Struct, frozen=True):
    """A version text of one identity with the software versions that have it."""

    text: str
    key: bytes
    software_version_ids: tuple[int, ...]


class VersionColumn:
    """All installed versions of one identity under one scheme, sorted."""

    def __init__(self, scheme: str, by_text: dict[str, list[int]]) -> None:
        tested = [TestedVersion(text, versions.key(scheme, text), tuple(ids)) for text, ids in by_text.items()]
        self.scheme = scheme
        self.incomparable = [v for v in tested if not versions.is_comparable(v.key)]
        self.sorted = sorted((v for v in tested if versions.is_comparable(v.key)), key=lambda v: (v.key, v.text))
        self._keys = [v.key for v in self.sorted]
        self._by_text = {v.text: v for v in tested}
        self._is_exact = versions.exact(scheme)

    def covered(self, claim: Claim, *, is_comparable: bool) -> Sequence[TestedVersion]:
        """Versions that the claim's range or version list names. Bounds that cannot be compared cover nothing here.

        is_comparable: what ``bounds_comparable`` says of the claim.
        """
        listed = self._listed(claim.versions) if claim.versions else ()
        if claim.end_kind == "versions" or not is_comparable:
            return listed
        inside = self._inside(claim)
        if not listed:
            return inside
        return list({v.text: v for v in (*inside, *listed)}.values())

    def _inside(self, claim: Claim) -> Sequence[TestedVersion]:
        from_here = bisect_right if claim.is_introduced_excluded else bisect_left
        low = from_here(self._keys, claim.introduced_key) if claim.introduced_key else 0
        if claim.end_key is None:
            high = len(self._keys)
        elif claim.end_kind == "fixed":
            high = bisect_left(self._keys, claim.end_key, low)
        else:
            high = bisect_right(self._keys, claim.end_key, low)
        if self._is_exact:
            return self.sorted[low:high]
        return [v for v in self.sorted if _inside_exactly(self.scheme, v.text, claim)]

    def _listed(self, texts: Iterable[str]) -> list[TestedVersion]:
        wanted = set(texts)
        found = {v.text: v for text in wanted if (v := self._by_text.get(text)) is not None}
        if len(self._by_text) > len(found):  # another spelling of a listed version is that version
            keys = {k for text in wanted if versions.is_comparable(k := versions.key(self.scheme, text))}
            found |= {v.text: v for v in self.sorted if v.key in keys}
        return list(found.values())


def bounds_comparable(claim: Claim) -> bool:
    """Whether both ends of the claim's range can be compared at all."""
    low_ok = not claim.introduced_key or versions.is_comparable(claim.introduced_key)
    return low_ok and (claim.end_key is None or versions.is_comparable(claim.end_key))


def _inside_exactly(scheme: str, text: str, claim: Claim) -> bool:
    order = versions.Order
    allowed = (order.GREATER,) if claim.is_introduced_excluded else (order.EQUAL, order.GREATER)
    if claim.introduced_key and versions.compare(scheme, text, claim.introduced) not in allowed:
        return False
    if claim.end_kind == "fixed" and claim.fixed is not None:
        return versions.compare(scheme, text, claim.fixed) is order.LESS
    if claim.end_kind == "last_affected" and claim.last_affected is not None:
        return versions.compare(scheme, text, claim.last_affected) in (order.LESS, order.EQUAL)
    return True
