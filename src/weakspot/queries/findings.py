"""Findings of one device, with their life: derived from the intervals of its installations and of the matches.

A finding is (device, software, vulnerability). It holds while some installed version of the software has a counted
match; its intervals are those of the installations cut with those of the matches, and adjacent ones are one: an update
from one vulnerable version to another does not reset ``first detected``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from weakspot import inventory, matching
from weakspot.matching import MatchInterval
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY, Micros

FOREVER: Micros = 1 << 62

JUDGED_WITHIN = DAY
"""A version is judged when its report arrives, which is later than it was seen (a sensor may have been offline). A
match that starts within this time after its installation counts from the installation on, where that continues a
finding."""


class Installation(msgspec.Struct, frozen=True):
    """A software version on a device in ``[since, until)``; ``until`` FOREVER: it is there now."""

    software_version_id: int
    since: Micros
    until: Micros


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. ``until`` None: it holds now; else it ended then. ``match``: the one that speaks for it.

    since: when it was detected; for one that had ended and came back, the last time. reopened: how often it came back.
    """

    software_id: int
    vulnerability_id: int
    since: Micros
    until: Micros | None
    match: MatchInterval
    reopened: int = 0

    @property
    def state(self) -> Literal["open", "closed"]:
        """Whether it holds now."""
        return "open" if self.until is None else "closed"


class _Piece(msgspec.Struct, frozen=True):
    """An installation cut with a match. ``seen_at``: the installation's start, where the match began soon after it."""

    since: Micros
    until: Micros
    seen_at: Micros
    match: MatchInterval


def of_device(
    lens: Lens, device_id: int, vulnerability_ids: Iterable[int] | None = None, *, is_weak: bool = False
) -> list[Finding]:
    """All findings of a device that were ever made, one per (software, vulnerability); in no order.

    is_weak: those by matches that do not count, and no others.
    """
    installations = installations_of(lens, device_id)
    versions = {one.software_version_id for one in installations}
    matches = matching.intervals(lens.conn, sorted(versions), vulnerability_ids, is_weak=is_weak)
    software = {version: lens.view.software_of_version(version) for version in versions}
    missing = [version for version, one in software.items() if one == 0]
    return derive(installations, matches, software | (inventory.software_of(lens.conn, missing) if missing else {}))


def installations_of(lens: Lens, device_id: int) -> list[Installation]:
    """What is and what was installed on the device."""
    present = inventory.installation_times(lens.conn, device_id)
    ended = inventory.ended(lens.conn, device_id)
    return [Installation(version, since, FOREVER) for version, since in present.items()] + [
        Installation(one.software_version_id, one.first_seen_at, one.removed_at) for one in ended
    ]


def derive(
    installations: Iterable[Installation], matches: Iterable[MatchInterval], software: Mapping[int, int]
) -> list[Finding]:
    """Findings of one device from its installations, the matches of their versions and version id -> software id."""
    by_version: dict[int, list[MatchInterval]] = defaultdict(list)
    for match in matches:
        by_version[match.software_version_id].append(match)
    pieces: dict[tuple[int, int], list[_Piece]] = defaultdict(list)
    for installation in installations:
        for match in by_version.get(installation.software_version_id, ()):
            piece = _cut(installation, match)
            if piece is not None:
                pieces[software[match.software_version_id], match.vulnerability_id].append(piece)
    return [_finding(pair, found) for pair, found in pieces.items()]


def _cut(installation: Installation, match: MatchInterval) -> _Piece | None:
    since = max(installation.since, match.since)
    until = min(installation.until, FOREVER if match.until is None else match.until)
    if since >= until:
        return None
    is_prompt = since - installation.since <= JUDGED_WITHIN
    return _Piece(since, until, installation.since if is_prompt else since, match)


def _finding(pair: tuple[int, int], pieces: Sequence[_Piece]) -> Finding:
    """The latest run of adjacent pieces is the finding."""
    ordered = sorted(pieces, key=lambda one: (one.since, one.until))
    since, until = ordered[0].since, ordered[0].until
    speaking, reopened = ordered[0].match, 0
    for piece in ordered[1:]:
        if min(piece.since, piece.seen_at) > until:
            since, until, speaking = piece.since, piece.until, piece.match
            reopened += 1
        elif piece.until > until:
            until, speaking = piece.until, piece.match
    return Finding(
        software_id=pair[0],
        vulnerability_id=pair[1],
        since=since,
        until=None if until == FOREVER else until,
        match=speaking,
        reopened=reopened,
    )
