"""One verdict from several claims about the same software version and vulnerability.

The rules, first that applies:

1. A source's own record of the vulnerability (``self``) decides over notices that cover several (``about``): a notice's
   fixed version is that of its last fix, not of each.
2. Starter knowledge speaks only where no other source does.
3. ``not_affected`` of a decided-on source beats ``affected`` of a less specific one.
4. Otherwise one ``affected`` is enough; where sources of the same rank disagree, confidence falls by 20.

A range whose bounds cannot be compared gives ``under_investigation`` with low confidence: seen, never counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec

from weakspot.matching.contracts import Candidate, ClaimOutcome, MatchStatus, Verdict

STARTER = "starter"
_RELATION_RANK = {"self": 0, "alias": 1, "about": 2}
_UNIMPORTANT_CONFIDENCE = 30
_NOT_COMPARABLE_CONFIDENCE = 20
_DISAGREEMENT = 20
_STATUSES = frozenset(get_args(MatchStatus))


def verdict(candidate: Candidate, vulnerability_id: int, outcomes: Sequence[ClaimOutcome]) -> Verdict | None:
    """The verdict on one candidate, or None when nothing says that it is affected. ``outcomes`` must not be empty."""
    ranked = sorted(outcomes, key=_rank)
    top = _rank(ranked[0])[:2]
    deciding = [o for o in ranked if _rank(o)[:2] == top]
    if any(o.outcome == "not_affected" for o in deciding):
        return None
    affected = [o for o in deciding if o.outcome == "affected"]
    unclear = [o for o in deciding if o.outcome == "not_comparable"]
    if not affected and not unclear:
        return None
    # "No security impact" by one claim is not outvoted by silence, but is by a claim that sees an impact.
    chosen = min(affected or unclear, key=lambda o: (o.status == "unimportant", o.fixed is None, _rank(o)))
    disagree = {o.source for o in deciding if o.outcome == "outside_range"} - {o.source for o in affected}
    return Verdict(
        software_version_id=candidate.software_version_id,
        vulnerability_id=vulnerability_id,
        fixed_version=chosen.fixed,
        status=_status(chosen),
        source=chosen.source,
        method=candidate.method,
        confidence=_confidence(candidate, chosen, is_disputed=bool(disagree)),
        evidence=tuple(_marked(o, deciding) for o in ranked),
    )


def _rank(outcome: ClaimOutcome) -> tuple[int, int, str, str]:
    is_starter = outcome.source == STARTER
    relation = _RELATION_RANK.get(outcome.relation, 2)
    # An alias record (GHSA for a CVE) describes the flaw as precisely as its own record does.
    return int(is_starter), int(relation == _RELATION_RANK["about"]), outcome.source, outcome.record_id


def _status(chosen: ClaimOutcome) -> MatchStatus:
    if chosen.outcome == "not_comparable":
        return "under_investigation"
    return chosen.status if chosen.status in _STATUSES else "affected"  # type: ignore[return-value]


def _confidence(candidate: Candidate, chosen: ClaimOutcome, *, is_disputed: bool) -> int:
    if chosen.outcome == "not_comparable":
        return _NOT_COMPARABLE_CONFIDENCE
    if chosen.status == "unimportant":
        return _UNIMPORTANT_CONFIDENCE
    return max(1, candidate.confidence - (_DISAGREEMENT if is_disputed else 0))


def _marked(outcome: ClaimOutcome, deciding: Sequence[ClaimOutcome]) -> ClaimOutcome:
    if outcome in deciding:
        return outcome
    return msgspec.structs.replace(outcome, outcome="superseded")
