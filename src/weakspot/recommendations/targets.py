"""What a version to move to is like itself: judged by the matching, as if it were installed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import matching
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching.contracts import Verdict
from weakspot.recommendations.rules.advising import is_newer, newest
from weakspot.runtime.database import in_chunks
from weakspot.vocabulary.kernels import unmarked
from weakspot.vocabulary.versions import key

ROUNDS = 6
"""A target may have fixes of its own, in a still newer version; so often that is followed."""
_AT_ONCE = 5_000


class Target(msgspec.Struct, frozen=True):
    """A version to move to, and the vulnerabilities that it has itself."""

    version: str
    remaining: BitMap


class Probe(msgspec.Struct, frozen=True):
    """A version that is not installed anywhere: ``like`` with another version."""

    like: SoftwareVersion
    version: str

    @property
    def key(self) -> tuple[str, ...]:
        """Two probes with the same key are judged alike."""
        one = self.like
        return (one.type, one.platform, one.name, one.source_name, unmarked(one.module), one.vendor, self.version)

    def as_installed(self, number: int) -> SoftwareVersion:
        """The software version that would be installed."""
        return msgspec.structs.replace(
            self.like,
            id=number,
            version=self.version,
            version_key=key(self.like.scheme, self.version),
            source_version="",
            module=unmarked(self.like.module),
        )


def settle(conn: Connection, probes: Sequence[Probe], *, climb: bool = True) -> list[Target]:
    """For each probe the version to move to and what it still has.

    climb: where the version has fixable weaknesses itself, the lowest version that fixes those too is taken.
    """
    judged: dict[tuple[str, ...], tuple[BitMap, str | None]] = {}
    moved = list(probes)
    for left in range(ROUNDS if climb else 1, 0, -1):
        fresh = {one.key: one for one in moved if one.key not in judged}
        judged.update(zip(fresh, _judged(conn, list(fresh.values())), strict=True))
        following = [one if (higher := judged[one.key][1]) is None else Probe(one.like, higher) for one in moved]
        if left == 1 or following == moved:
            break
        moved = following
    return [Target(one.version, judged[one.key][0]) for one in moved]


def _judged(conn: Connection, probes: Sequence[Probe]) -> list[tuple[BitMap, str | None]]:
    """(its vulnerabilities, a newer version that fixes some of them or None) of each probe."""
    answers: list[tuple[BitMap, str | None]] = []
    for chunk in in_chunks(probes, _AT_ONCE):
        installed = [probe.as_installed(number) for number, probe in enumerate(chunk, 1)]
        _, verdicts, _ = matching.assess(conn, installed)
        by_number: dict[int, list[Verdict]] = {}
        for verdict in verdicts:
            if verdict.confidence >= matching.DEFAULT_THRESHOLD:
                by_number.setdefault(verdict.software_version_id, []).append(verdict)
        answers += [_answer(one, by_number.get(one.id, [])) for one in installed]
    return answers


def _answer(version: SoftwareVersion, verdicts: Sequence[Verdict]) -> tuple[BitMap, str | None]:
    fixes = [one.fixed_version for one in verdicts if one.fixed_version]
    higher = newest(version.scheme, (fix for fix in fixes if is_newer(version.scheme, fix, version.version)))
    return BitMap([one.vulnerability_id for one in verdicts]), higher
