"""The merged vulnerability: a pure function of what all sources say about one group of names.

Order of trust for a field: records that are the flaw (self, alias) before notices about it, then the source's
precedence, then the record id, so that the result does not depend on the order of loading. Withdrawn records count
only where nothing else is left. Every claim stays visible beside the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from weakspot.intel.contracts import (
    AdvisoryRecord,
    Evidence,
    ExploitLevel,
    Mitigation,
    Reference,
    Relation,
    SeverityClaim,
)
from weakspot.intel.rules import names as naming
from weakspot.runtime.clock import Micros
from weakspot.vocabulary import cvss
from weakspot.vocabulary.severity import Severity, from_words

MAX_TITLE = 200
MAX_REFERENCES = 100

_LEVELS: dict[str, ExploitLevel] = {
    "known_exploited": "known_exploited",
    "ransomware": "known_exploited",
    "kit": "kit",
    "verified": "verified",
    "public": "public",
    "proof_of_concept": "proof_of_concept",
}
LEVEL_ORDER: dict[ExploitLevel, int] = {
    "none": 0,
    "proof_of_concept": 1,
    "public": 2,
    "verified": 3,
    "kit": 4,
    "known_exploited": 5,
}
_GIVER_RANK = {"nvd": 3, "cna": 2, "": 1}


class Said(msgspec.Struct, frozen=True):
    """One record as it bears on one vulnerability. ``covered`` is how many vulnerabilities the record is about."""

    source: str
    precedence: int
    relation: Relation
    record: AdvisoryRecord
    covered: int = 1


class Merged(msgspec.Struct, frozen=True):
    """What the vulnerability's row holds, without its id. EPSS is not here: it is joined when read."""

    name: str
    title: str
    severity: Severity
    cvss_score: float | None
    cvss_vector: str | None
    exploit_level: ExploitLevel
    is_known_exploited: bool
    is_used_by_ransomware: bool
    published_at: Micros | None
    modified_at: Micros | None
    withdrawn_at: Micros | None


def in_order(said: Iterable[Said]) -> list[Said]:
    """Most trusted first."""
    return sorted(
        said,
        key=lambda s: (
            s.record.withdrawn_at is not None,
            s.relation == "about",
            -s.precedence,
            s.source,
            s.record.record_id,
        ),
    )


def merge(names: Iterable[str], said: Iterable[Said], evidence: Iterable[Evidence]) -> Merged:
    """The row of one vulnerability. ``names`` must not be empty; ``said`` and ``evidence`` may be, in any order."""
    ordered = in_order(said)
    own = [s for s in ordered if s.relation != "about"]
    live = [s for s in own if s.record.withdrawn_at is None]
    name = naming.preferred(names)
    best = choose_cvss(ordered)
    level, is_known, is_ransomware = exploitation(evidence)
    dated = live or own or ordered
    return Merged(
        name=name,
        title=title(name, ordered),
        severity=best.severity if best else _worded(ordered),
        cvss_score=best.base_score if best else None,
        cvss_vector=best.vector if best else None,
        exploit_level=level,
        is_known_exploited=is_known,
        is_used_by_ransomware=is_ransomware,
        published_at=min((s.record.published_at for s in dated if s.record.published_at), default=None),
        modified_at=max((s.record.modified_at for s in dated if s.record.modified_at), default=None),
        withdrawn_at=_withdrawn(own, live),
    )


def choose_cvss(ordered: Sequence[Said]) -> cvss.Cvss | None:
    """The vector to show: CVSS 3 and 4 before 2; then by trust of the record, NVD's word before the CNA's inside one
    record, then 3.1, 3.0, 4.0: most flaws have a 3.1 score, and scores are compared across flaws. Vectors of notices
    count only where the notice covers just this flaw.
    """
    candidates: list[tuple[tuple[int, int, int, str], cvss.Cvss]] = []
    for position, s in enumerate(ordered):
        if s.relation == "about" and s.covered != 1:
            continue
        for claim in s.record.severities:
            parsed = _parsed(claim)
            if parsed is not None:
                rank = (parsed.version == "2.0", position, -_GIVER_RANK.get(claim.by, 0), _version_rank(parsed))
                candidates.append((rank, parsed))
    return min(candidates, key=lambda pair: pair[0])[1] if candidates else None


def exploitation(evidence: Iterable[Evidence]) -> tuple[ExploitLevel, bool, bool]:
    """(highest level, is known exploited, is used by ransomware)."""
    kinds = {item.kind for item in evidence}
    level: ExploitLevel = max(
        (_LEVELS.get(kind, "none") for kind in kinds), key=LEVEL_ORDER.__getitem__, default="none"
    )
    return level, bool(kinds & {"known_exploited", "ransomware"}), "ransomware" in kinds


def title(name: str, ordered: Sequence[Said]) -> str:
    """A line that says what the flaw is: the first title of its own records, else the start of a description, else the
    notices that name it, else its name.
    """
    own = [s.record for s in ordered if s.relation != "about"]
    for record in own:
        if record.title:
            return shorten(record.title)
    for record in own:
        if record.description:
            return shorten(_first_sentence(record.description))
    for s in ordered:
        if s.relation == "about":
            return shorten(
                f"{name}, covered by {s.record.record_id}" + (f": {s.record.title}" if s.record.title else "")
            )
    return name


def description(ordered: Sequence[Said]) -> str:
    """The most trusted description; empty when there is none."""
    return next((s.record.description for s in ordered if s.record.description), "")


def references(ordered: Sequence[Said]) -> tuple[Reference, ...]:
    """Links of all records, most trusted first, each once; at most 100."""
    found: dict[str, Reference] = {}
    for s in ordered:
        for reference in s.record.references:
            if len(found) >= MAX_REFERENCES:
                return tuple(found.values())
            found.setdefault(reference.url, reference)
    return tuple(found.values())


def cwes(ordered: Sequence[Said]) -> tuple[str, ...]:
    """CWE ids of the flaw's own records, each once, in numeric order."""
    found = {cwe for s in ordered if s.relation != "about" for cwe in s.record.cwes}
    return tuple(sorted(found, key=lambda cwe: (len(cwe), cwe)))


def mitigations(ordered: Sequence[Said]) -> tuple[Mitigation, ...]:
    """What can be done, most trusted first, each once."""
    return tuple(dict.fromkeys(item for s in ordered for item in s.record.mitigations))


def decision_points(ordered: Sequence[Said]) -> dict[str, str]:
    """SSVC decision points; the most trusted value of each."""
    merged: dict[str, str] = {}
    for s in ordered:
        if s.relation != "about":
            for point, value in s.record.decision_points.items():
                merged.setdefault(point, value)
    return merged


def shorten(text: str) -> str:
    """One line of at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_TITLE else line[: MAX_TITLE - 1].rstrip() + "…"


def _first_sentence(text: str) -> str:
    head = text[: MAX_TITLE * 3]
    end = head.find(". ")
    return head[:end] if end > 20 else head


def _parsed(claim: SeverityClaim) -> cvss.Cvss | None:
    try:
        return cvss.parse(claim.vector)
    except ValueError:  # readers keep such a vector as it was said; it just does not decide
        return None


def _version_rank(parsed: cvss.Cvss) -> str:
    return {"3.1": "a", "3.0": "b", "4.0": "c", "2.0": "d"}[parsed.version] + parsed.vector


def _worded(ordered: Sequence[Said]) -> Severity:
    for s in ordered:
        if s.relation == "about" and s.covered != 1:
            continue
        word = from_words(s.record.vendor_severity)
        if word != "Unknown":
            return word
    return "Unknown"


def _withdrawn(own: Sequence[Said], live: Sequence[Said]) -> Micros | None:
    if live or not own:
        return None
    return max((s.record.withdrawn_at for s in own if s.record.withdrawn_at is not None), default=None)
