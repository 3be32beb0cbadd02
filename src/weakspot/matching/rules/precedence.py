"""One verdict from several claims about the same software version and vulnerability.

The rules, first that applies:

1. A correction (what a person decided) speaks before every source, where its range holds the version.
2. Starter knowledge speaks only where no other source does.
3. A source's own record of the vulnerability (``self``, or an ``alias`` of it) decides over notices that cover several
   (``about``): a notice's fixed version is that of its last fix, not of each.
4. Of these the source of the highest precedence decides alone (``intel.precedence``): a distribution's tracker over an
   archive of it, a maker's advisory over a database of everybody's.
5. Among those that decide, ``not_affected`` wins; else one ``affected`` is enough, and where sources of the same rank
   disagree, confidence falls by 20. "Under investigation" never hides an ``affected``, and alone it does not count.

A range whose bounds cannot be compared gives ``under_investigation`` with low confidence: seen, never counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

import msgspec

from weakspot.matching.contracts import Candidate, ClaimOutcome, MatchStatus, Verdict
from weakspot.matching.rules.corrections import SOURCE as CORRECTION

STARTER = "starter"
Precedence = Callable[[str], int]
_TIERS = {CORRECTION: 0, STARTER: 2}
_RELATION_RANK = {"self": 0, "alias": 1, "about": 2}
_UNIMPORTANT_CONFIDENCE = 30
_UNDER_INVESTIGATION_CONFIDENCE = 40
_NOT_COMPARABLE_CONFIDENCE = 20
_DISAGREEMENT = 20
_STATUSES = frozenset(get_args(MatchStatus))


def equal_precedence(_source: str) -> int:
    """For callers that know of one source only."""
    return 0


def verdict(
    candidate: Candidate,
    vulnerability_id: int,
    outcomes: Sequence[ClaimOutcome],
    precedence: Precedence = equal_precedence,
) -> Verdict | None:
    """The verdict on one candidate, or None when nothing says that it is affected."""
    if len(outcomes) == 1 and outcomes[0].outcome in ("affected", "not_comparable"):
        return _verdict(candidate, vulnerability_id, outcomes[0], tuple(outcomes), is_disputed=False)
    ranked = sorted(outcomes, key=lambda o: (*_standing(o, precedence), o.source, o.record_id))
    speaking = [o for o in ranked if not _is_silent(o)]
    if not speaking:
        return None
    firm = [o for o in speaking if o.outcome != "not_comparable" and o.status != "under_investigation"]
    top = _standing((firm or speaking)[0], precedence)  # what is not known outranks nothing
    deciding = [o for o in speaking if _standing(o, precedence) == top]
    if any(o.outcome == "not_affected" for o in deciding):
        return None
    affected = [o for o in deciding if o.outcome == "affected"]
    unclear = [o for o in deciding if o.outcome == "not_comparable"]
    if not affected and not unclear:
        return None
    # "No security impact" by one claim is not outvoted by silence, but is by a claim that sees an impact.
    chosen = min(affected or unclear, key=lambda o: (_WEAK.get(o.status, 0), o.fixed is None, o.source, o.record_id))
    disagree = {o.source for o in deciding if o.outcome == "outside_range"} - {o.source for o in affected}
    evidence = tuple(_marked(o, deciding) for o in ranked)
    return _verdict(candidate, vulnerability_id, chosen, evidence, is_disputed=bool(disagree))


def _verdict(
    candidate: Candidate,
    vulnerability_id: int,
    chosen: ClaimOutcome,
    evidence: tuple[ClaimOutcome, ...],
    *,
    is_disputed: bool,
) -> Verdict:
    return Verdict(
        software_version_id=candidate.software_version_id,
        vulnerability_id=vulnerability_id,
        fixed_version=chosen.fixed,
        status=_status(chosen),
        source=chosen.source,
        method=candidate.method,
        confidence=_confidence(candidate, chosen, is_disputed=is_disputed),
        evidence=evidence,
    )


_WEAK = {"unimportant": 1, "under_investigation": 2}
_NEGATIVE = frozenset({"not_affected", "fixed"})
_NARROW = frozenset({CORRECTION, "vex"})


def _standing(outcome: ClaimOutcome, precedence: Precedence) -> tuple[int, int, int]:
    # An alias record (GHSA for a CVE) describes the flaw as precisely as its own record does.
    is_about = _RELATION_RANK.get(outcome.relation, 2) == _RELATION_RANK["about"]
    return _TIERS.get(outcome.source, 1), int(is_about), -precedence(outcome.source)


def _is_silent(outcome: ClaimOutcome) -> bool:
    """A claim about other versions says nothing here when its source speaks of single versions or it says where a flaw
    is *not*.
    """
    is_elsewhere = outcome.outcome == "outside_range"
    return is_elsewhere and (outcome.source in _NARROW or outcome.status in _NEGATIVE)


def _status(chosen: ClaimOutcome) -> MatchStatus:
    if chosen.outcome == "not_comparable":
        return "under_investigation"
    return chosen.status if chosen.status in _STATUSES else "affected"  # type: ignore[return-value]


def _confidence(candidate: Candidate, chosen: ClaimOutcome, *, is_disputed: bool) -> int:
    if chosen.outcome == "not_comparable":
        return _NOT_COMPARABLE_CONFIDENCE
    if chosen.status == "unimportant":
        return min(_UNIMPORTANT_CONFIDENCE, candidate.confidence)
    if chosen.status == "under_investigation":
        return min(_UNDER_INVESTIGATION_CONFIDENCE, candidate.confidence)
    return max(1, candidate.confidence - (_DISAGREEMENT if is_disputed else 0))


def _marked(outcome: ClaimOutcome, deciding: Sequence[ClaimOutcome]) -> ClaimOutcome:
    if outcome in deciding or _is_silent(outcome):
        return outcome
    return msgspec.structs.replace(outcome, outcome="superseded")
