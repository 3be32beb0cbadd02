"""Products whose versions come in branches: a fixed version speaks for its own branch first, or for no other at all.

The catalogue tells how many parts of the version name the branch (``branch``), and whether branches are channels
(``channel``): the builds of one channel are not earlier or later than those of another, so a fixed build in another
channel says nothing. Where branches follow each other, that of the installed version decides if it is named (a later
branch is fixed by a later version), and else the versions are compared as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Candidate, Outcome

Hits = Sequence[tuple[Claim, Outcome]]
_BRANCH, _CHANNEL = "branch=", "channel="


def mark(parts: int, *, is_channel: bool) -> str:
    """What a candidate's ``module`` says of its branches; empty where the product has none."""
    return f"{_CHANNEL if is_channel else _BRANCH}{parts}" if parts else ""


def channel(candidate: Candidate) -> str:
    """The beginning of the installed version that names its channel; empty where the product has no channels."""
    return _head(candidate.version, _parts(candidate, _CHANNEL))


def names_build(claim: Claim, candidate: Candidate) -> bool:
    """Whether a claim ends in a build of some channel, and not in a link or a release's name."""
    return _head(claim.fixed or claim.last_affected or "", _parts(candidate, _CHANNEL))[:1].isdigit()


def is_of_channel(claim: Claim, candidate: Candidate) -> bool:
    """Whether a claim ends in the channel of the installed version."""
    parts = _parts(candidate, _CHANNEL)
    return bool(parts) and _head(claim.fixed or claim.last_affected or "", parts) == _head(candidate.version, parts)


def narrowed(candidate: Candidate, hit: Hits, missed: Sequence[Claim]) -> tuple[Hits, Sequence[Claim]]:
    """Those of the claims about one flaw that decide: where some end in the installed version's own branch, they alone.

    hit, missed: claims whose range covers the version, with the outcome, and the others. Where another branch decides,
    the latest stands first.
    """
    parts = _parts(candidate, _BRANCH) or _parts(candidate, _CHANNEL)
    own = _head(candidate.version, parts)
    if not own:
        return hit, missed
    if not any(_head(claim.fixed or "", parts) == own for claim in (*missed, *(c for c, _ in hit))):
        return sorted(hit, key=lambda one: one[0].end_key or b"", reverse=True), missed
    inside = [(claim, outcome) for claim, outcome in hit if _head(claim.fixed or "", parts) == own]
    return inside, [claim for claim in missed if _head(claim.fixed or "", parts) == own]


def _parts(candidate: Candidate, key: str) -> int:
    if key not in candidate.module:
        return 0
    marks = (part.removeprefix(key) for part in candidate.module.split(";") if part.startswith(key))
    return int(next(marks, "0"))


def _head(version: str, parts: int) -> str:
    """The first parts of a version; empty where it has no more than these."""
    pieces = version.strip().split(".")
    return ".".join(pieces[:parts]) if 0 < parts < len(pieces) else ""
