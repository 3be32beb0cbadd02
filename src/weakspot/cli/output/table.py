"""A ranked table for a terminal, worst weakness first."""

from __future__ import annotations

import io
from collections import defaultdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weakspot import scoring
from weakspot.workflows import AssessedFinding, Assessment

_STYLES = {"Critical": "bold red", "High": "red", "Medium": "yellow", "Low": "cyan"}


def render(assessment: Assessment) -> str:
    """One line a weakness, with the software that carries it, and the device's score below."""
    grouped: dict[str, list[AssessedFinding]] = defaultdict(list)
    for item in assessment.findings:
        grouped[item.vulnerability.facts.name].append(item)
    hazards = {name: scoring.hazard(items[0].vulnerability.facts) for name, items in grouped.items()}
    ranked = sorted(grouped, key=lambda name: (-hazards[name], name))
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Weakness", "Severity", "CVSS", "EPSS", "Threat", "Software", "Installed", "Fixed in"):
        grid.add_column(heading, overflow="fold")
    for name in ranked:
        grid.add_row(*_cells(grouped[name]))
    target = io.StringIO()
    console = Console(file=target, width=_width(), highlight=False)
    if ranked:
        console.print(grid)
    console.print(_summary(assessment, ranked, sum(hazards.values())))
    return target.getvalue().rstrip("\n")


def _cells(items: list[AssessedFinding]) -> list[str]:
    facts = items[0].vulnerability.facts
    style = _STYLES.get(facts.severity, "")
    severity = f"[{style}]{facts.severity}[/]" if style else facts.severity
    names = sorted({item.software.source_name or item.software.name for item in items})
    installed = sorted({item.software.source_version or item.software.version for item in items})
    fixed = sorted({item.verdict.fixed_version or "no fix yet" for item in items})
    return [
        escape(facts.name),
        severity,
        "" if facts.cvss_score is None else f"{facts.cvss_score:.1f}",
        "" if facts.epss is None else f"{facts.epss:.3f}",
        _threat(items[0]),
        *(escape(_short(column)) for column in (names, installed, fixed)),
    ]


def _threat(item: AssessedFinding) -> str:
    facts = item.vulnerability.facts
    if facts.is_used_by_ransomware:
        return "ransomware"
    if facts.is_known_exploited:
        return "exploited"
    return "" if facts.exploit_level == "none" else facts.exploit_level.replace("_", " ")


def _short(texts: list[str]) -> str:
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")


def _summary(assessment: Assessment, ranked: list[str], hazard: int) -> str:
    score = scoring.device_score(hazard)
    level = scoring.exposure_level(score)
    name = escape(assessment.device.name)
    packages = len({item.software.id for item in assessment.findings})
    said = f"{score:.0f} of 100 ({level.lower()}), {len(ranked)} weaknesses in {packages} installed packages."
    lines = ["", f"{name}: exposure score {said}"]
    if assessment.not_assessed:
        lines.append(f"{len(assessment.not_assessed)} packages could not be assessed (--format json says why).")
    return "\n".join(lines)


def _width() -> int:
    return max(100, Console().width)
