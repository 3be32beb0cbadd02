"""Stakeholder-Specific Vulnerability Categorization: CISA's tree and the deployer's, with the reasons of each point.

Trees: CISA Coordinator 2.0.3 and Deployer Patch Application Priority 1.0.0 as CERT/CC publishes them. A point that a
publisher gave counts; one that nobody gave is worked out from what is known, and says so.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Exploitation = Literal["none", "public poc", "active"]
YesNo = Literal["no", "yes"]
TechnicalImpact = Literal["partial", "total"]
Level = Literal["low", "medium", "high", "very high"]
Exposure = Literal["small", "controlled", "open"]
CisaDecision = Literal["track", "track*", "attend", "act"]
DeployerDecision = Literal["defer", "scheduled", "out-of-cycle", "immediate"]

CISA: tuple[CisaDecision, ...] = ("track", "track*", "attend", "act")
DEPLOYER: tuple[DeployerDecision, ...] = ("defer", "scheduled", "out-of-cycle", "immediate")

# One letter a leaf; mission low, medium, high in each group of three.
_CISA_LEAVES = {
    ("none", "no", "partial"): "ttt", ("none", "no", "total"): "tts",
    ("none", "yes", "partial"): "tta", ("none", "yes", "total"): "tta",
    ("public poc", "no", "partial"): "tts", ("public poc", "no", "total"): "tsa",
    ("public poc", "yes", "partial"): "tta", ("public poc", "yes", "total"): "tsa",
    ("active", "no", "partial"): "tta", ("active", "no", "total"): "taA",
    ("active", "yes", "partial"): "aaA", ("active", "yes", "total"): "aAA",
}  # fmt: skip
_CISA_LETTERS: dict[str, CisaDecision] = {"t": "track", "s": "track*", "a": "attend", "A": "act"}
# Human impact low, medium, high, very high in each group of four.
_DEPLOYER_LEAVES = {
    ("none", "small", "no"): "ddss", ("none", "small", "yes"): "dsss",
    ("none", "controlled", "no"): "dsss", ("none", "controlled", "yes"): "ssss",
    ("none", "open", "no"): "dsss", ("none", "open", "yes"): "ssso",
    ("public poc", "small", "no"): "dsss", ("public poc", "small", "yes"): "ssss",
    ("public poc", "controlled", "no"): "dsss", ("public poc", "controlled", "yes"): "ssso",
    ("public poc", "open", "no"): "ssso", ("public poc", "open", "yes"): "ssoo",
    ("active", "small", "no"): "ssoo", ("active", "small", "yes"): "sooo",
    ("active", "controlled", "no"): "ssoo", ("active", "controlled", "yes"): "oooo",
    ("active", "open", "no"): "sooi", ("active", "open", "yes"): "ooii",
}  # fmt: skip
_DEPLOYER_LETTERS: dict[str, DeployerDecision] = {
    "d": "defer", "s": "scheduled", "o": "out-of-cycle", "i": "immediate",
}  # fmt: skip
_LEVELS: tuple[Level, ...] = ("low", "medium", "high", "very high")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a vulnerability. points: published decision points, names and values in lower case."""

    points: dict[str, str]
    cvss_vector: str | None
    exploit_level: str
    is_known_exploited: bool


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the exposed devices of one group.

    is_detected: an active detection hangs on the vulnerability there. worst: the highest criticality or value, None:
    nobody said. internet_facing: yes: some device; no: none, and all are known; None: not known.
    """

    is_detected: bool
    worst: Level | None
    internet_facing: bool | None


class Point(msgspec.Struct, frozen=True):
    """One decision point with where its value comes from. is_assumed: nobody said it."""

    name: str
    value: str
    reason: str
    is_assumed: bool = False


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Both decisions, with the points that led there."""

    cisa: CisaDecision
    deployer: DeployerDecision
    points: tuple[Point, ...]


def decide(facts: Facts, there: Surroundings) -> Decided:
    """The decisions about a vulnerability in a group of devices."""
    exploitation, automatable = _exploitation(facts, there), _automatable(facts)
    impact, mission, exposure = _impact(facts), _mission(there), _exposure(there)
    level = _LEVELS.index(mission.value)
    human = Point("Human Impact", mission.value, mission.reason, mission.is_assumed)
    cisa = _CISA_LEAVES[exploitation.value, automatable.value, impact.value][min(level, 2)]
    deployer = _DEPLOYER_LEAVES[exploitation.value, exposure.value, automatable.value][level]
    return Decided(
        cisa=_CISA_LETTERS[cisa],
        deployer=_DEPLOYER_LETTERS[deployer],
        points=(
            exploitation, automatable, impact,
            Point("Mission and Well-Being", _LEVELS[min(level, 2)], mission.reason, mission.is_assumed),
            exposure, human,
        ),
    )  # fmt: skip


def _exploitation(facts: Facts, there: Surroundings) -> Point:
    name = "Exploitation"
    if there.is_detected:
        return Point(name, "active", "An active detection on a device of the group hangs on it.")
    if facts.is_known_exploited:
        return Point(name, "active", "It is known to be exploited.")
    published = facts.points.get("exploitation", "")
    if published == "active":
        return Point(name, "active", "Published with the CVE record.")
    if facts.exploit_level != "none":
        return Point(name, "public poc", f"Exploit evidence: {facts.exploit_level.replace('_', ' ')}.")
    if published in ("poc", "public poc"):
        return Point(name, "public poc", "Published with the CVE record.")
    return Point(name, "none", "No source knows of an exploit.", not published)


def _automatable(facts: Facts) -> Point:
    published = facts.points.get("automatable", "")
    if published in ("yes", "no"):
        return Point("Automatable", published, "Published with the CVE record.")
    metrics = _metrics(facts.cvss_vector)
    if not metrics:
        return Point("Automatable", "yes", "Nobody said, and there is no CVSS vector: taken for the worse.", True)
    is_easy = all(metrics.get(one) == value for one, value in (("AV", "N"), ("AC", "L"), ("PR", "N"), ("UI", "N")))
    if is_easy:
        return Point(
            "Automatable", "yes", "By CVSS: over the network, simple, without rights and help of a user.", True
        )
    return Point("Automatable", "no", "By CVSS: an attack needs more than reaching the device.", True)


def _impact(facts: Facts) -> Point:
    name = "Technical Impact"
    published = facts.points.get("technical impact", "")
    if published in ("partial", "total"):
        return Point(name, published, "Published with the CVE record.")
    metrics = _metrics(facts.cvss_vector)
    if not metrics:
        return Point(name, "total", "Nobody said, and there is no CVSS vector: taken for the worse.", True)
    high = {"H", "C"}
    takes_over = all(metrics.get(one, metrics.get(f"V{one}")) in high for one in ("C", "I"))
    if takes_over:
        return Point(name, "total", "By CVSS: confidentiality and integrity are wholly lost.", True)
    return Point(name, "partial", "By CVSS: an attacker gets part of the device's information or control.", True)


def _mission(there: Surroundings) -> Point:
    if there.worst is None:
        return Point("Mission", "medium", "Nobody said how critical the devices are: taken as medium.", True)
    return Point("Mission", there.worst, "Highest criticality or value of the exposed devices.")


def _exposure(there: Surroundings) -> Point:
    name = "System Exposure"
    if there.internet_facing is True:
        return Point(name, "open", "An exposed device can be reached from the internet.")
    if there.internet_facing is False:
        return Point(name, "small", "No exposed device can be reached from the internet.")
    return Point(name, "controlled", "Not known of all exposed devices whether the internet reaches them.", True)


def _metrics(vector: str | None) -> dict[str, str]:
    parts = (part.partition(":") for part in (vector or "").split("/"))
    found = {name: value for name, _, value in parts if value}
    if "Au" in found:  # CVSS 2.0 has Authentication and no User Interaction
        found |= {"PR": "N" if found["Au"] == "N" else "L", "UI": "N"}
    return found
