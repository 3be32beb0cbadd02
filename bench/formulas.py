"""The published formulas of other products and ours on the same devices, for docs/scoring.md.

``weakspot match --data DIR --inventory FILE ... --format json | python -m bench.formulas DIR``

What others keep secret is not guessed: Qualys' detection score is stood in for by CVSS times ten, and only its term for
critical weaknesses is worked out.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from weakspot import intel, scoring
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.runtime.database import read_engine, sqlite_url
from weakspot.scoring.rules.hazards import impact
from weakspot.scoring.rules.model import HAZARD_UNIT
from weakspot.scoring.rules.scores import device_score

CRITICAL_FROM = 9.0
_COLUMNS = (
    "Device",
    "Open",
    "KEV",
    "Sum of hazards",
    "Ours",
    "Worst CVSS x 10",
    "Any, by EPSS",
    "grype, worst",
    "TruRisk, criticals",
)


def row(name: str, found: Sequence[VulnerabilityFacts]) -> list[str]:
    """One line of the table."""
    hazard = sum(map(scoring.hazard, found))
    return [
        name,
        str(len(found)),
        str(sum(one.is_known_exploited for one in found)),
        f"{hazard / HAZARD_UNIT:.2f}",
        f"{device_score(hazard):.0f}",
        f"{100 * max(map(impact, found), default=0):.0f}",
        f"{100 * (1 - math.prod(1 - (one.epss or 0.0) for one in found)):.0f}",
        f"{max(map(grype, found), default=0):.0f}",
        f"{trurisk(found):.0f}",
    ]


def grype(one: VulnerabilityFacts) -> float:
    """Risk of one finding, 0-100: EPSS (1 where known exploited) x severity x 1.05, or 1.1 with ransomware."""
    threat = 1.0 if one.is_known_exploited else one.epss or 0.0
    boost = 1.1 if one.is_used_by_ransomware else 1.05 if one.is_known_exploited else 1.0
    return min(100.0, 100 * threat * impact(one) * boost)


def trurisk(found: Sequence[VulnerabilityFacts]) -> float:
    """Mean of the critical ones times their number to the power 0.01, 0 to about 105."""
    critical = [one.cvss_score * 10 for one in found if one.cvss_score is not None and one.cvss_score >= CRITICAL_FROM]
    return sum(critical) / len(critical) * len(critical) ** 0.01 if critical else 0.0


def main() -> None:
    """Read the devices from standard input, print the table."""
    engine = read_engine(sqlite_url(Path(sys.argv[1]) / "weakspot.db"))
    with engine.connect() as conn:
        known = {one.name: one for one in intel.facts(conn, None).values()}
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    for line in sys.stdin:
        device = json.loads(line)
        names = {one["vulnerability"] for one in device["findings"]}
        print(f"| {' | '.join(row(device['device']['name'], [known[one] for one in sorted(names) if one in known]))} |")


if __name__ == "__main__":
    main()
