"""The hazard of a vulnerability: at what rate it is used against a device that has it, times how bad that is.

``hazard = -ln(1 - p) * p ** SPREAD_EXPONENT * impact``: the EPSS probability as a rate (rates of independent events
add up), times how widely attacks of that probability spread, times the CVSS base score as a share of 10.
"""

from __future__ import annotations

import math

from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.scoring.rules import model

Term = tuple[str, int]


def hazard(facts: VulnerabilityFacts) -> int:
    """Hazard as an integer of 2**-32, from 0 to 4.6 units. 0 for a withdrawn vulnerability or a CVSS score of 0."""
    if facts.withdrawn_at is not None:
        return 0
    return _fixed(max(_epss(facts), _floor(facts)), impact(facts))


def raised_hazard(facts: VulnerabilityFacts) -> int:
    """The hazard on a device where an active detection hangs on the vulnerability; never below ``hazard``."""
    if facts.withdrawn_at is not None:
        return 0
    return max(hazard(facts), _fixed(model.DETECTED_FLOOR, impact(facts)))


def hazard_terms(facts: VulnerabilityFacts) -> list[Term]:
    """The hazard in readable parts that add up to it exactly: what EPSS gives, and what is known of exploits adds."""
    whole = hazard(facts)
    if facts.withdrawn_at is not None:
        return [("withdrawn by its publisher", whole)]
    base = _fixed(_epss(facts), impact(facts))
    terms = [(f"{_epss_label(facts)}, {_impact_label(facts)}", min(base, whole))]
    if whole > base:
        terms.append((f"{_floor_label(facts)}: counted as a probability of at least {_floor(facts):.2f}", whole - base))
    return terms


def impact(facts: VulnerabilityFacts) -> float:
    """How bad it is, 0-1: the CVSS base score, or a stand-in for the severity, as a share of 10."""
    score = facts.cvss_score
    if score is None:
        score = model.SEVERITY_SCORES.get(facts.severity, model.UNKNOWN_CVSS)
    return min(max(score, 0.0), model.MAX_CVSS) / model.MAX_CVSS


def rate(probability: float) -> float:
    """Rate at which a weakness of this 30-day probability (0-1) is used against a device that has it; 0 to 4.6."""
    p = min(max(probability, 0.0), model.MAX_PROBABILITY)
    return -math.log1p(-p) * math.pow(p, model.SPREAD_EXPONENT)


def _fixed(probability: float, share: float) -> int:
    return round(rate(probability) * share * model.HAZARD_UNIT)


def _epss(facts: VulnerabilityFacts) -> float:
    return model.UNKNOWN_EPSS if facts.epss is None else facts.epss


def _floor(facts: VulnerabilityFacts) -> float:
    floor = model.EXPLOIT_FLOORS.get(facts.exploit_level, 0.0)
    if facts.is_known_exploited:
        floor = max(floor, model.EXPLOIT_FLOORS["known_exploited"])
    if facts.is_used_by_ransomware:
        floor = max(floor, model.RANSOMWARE_FLOOR)
    return floor


def _epss_label(facts: VulnerabilityFacts) -> str:
    if facts.epss is None:
        return f"EPSS not known, counted as {model.UNKNOWN_EPSS:.2f}"
    return f"EPSS {facts.epss:.5f}"


def _impact_label(facts: VulnerabilityFacts) -> str:
    if facts.cvss_score is not None:
        return f"CVSS {facts.cvss_score:.1f}"
    if facts.severity in model.SEVERITY_SCORES:
        return f"severity {facts.severity}, counted as CVSS {model.SEVERITY_SCORES[facts.severity]:.1f}"
    return f"CVSS not known, counted as {model.UNKNOWN_CVSS:.1f}"


_LEVEL_LABELS = {
    "proof_of_concept": "a proof of concept is public",
    "public": "an exploit is public",
    "verified": "a verified exploit is public",
    "kit": "part of an exploit kit",
    "known_exploited": "known to be exploited",
}


def _floor_label(facts: VulnerabilityFacts) -> str:
    if facts.is_used_by_ransomware:
        return "used by ransomware"
    if facts.is_known_exploited:
        return _LEVEL_LABELS["known_exploited"]
    return _LEVEL_LABELS.get(facts.exploit_level, facts.exploit_level)
