"""Severity words, one scale for all sources.

The bands are those of CVSS 3.1 section 5 ("Qualitative Severity Rating Scale"); vendors' own words are mapped onto
them.
"""

from __future__ import annotations

from typing import Literal

Severity = Literal["Critical", "High", "Medium", "Low", "None", "Unknown"]

ORDER: dict[Severity, int] = {"Critical": 5, "High": 4, "Medium": 3, "Low": 2, "None": 1, "Unknown": 0}
"""For sorting: the greater, the worse; Unknown sorts last."""

_BANDS: tuple[tuple[float, Severity], ...] = ((9.0, "Critical"), (7.0, "High"), (4.0, "Medium"), (0.1, "Low"))

_WORDS: dict[str, Severity] = {
    "critical": "Critical",
    "high": "High",
    "important": "High",
    "medium": "Medium",
    "moderate": "Medium",
    "low": "Low",
    "minor": "Low",
    "negligible": "Low",
    "unimportant": "Low",
    "none": "None",
    "informational": "None",
}


def from_score(score: float | None) -> Severity:
    """Band of a CVSS base score 0.0-10.0; None gives Unknown. Raises ValueError outside the range."""
    if score is None:
        return "Unknown"
    if not 0.0 <= score <= 10.0:
        raise ValueError(f"a CVSS base score is 0.0-10.0, not {score}")
    for lowest, severity in _BANDS:
        if score >= lowest:
            return severity
    return "None"


def from_words(text: str | None) -> Severity:
    """A vendor's word (``Important``, ``MODERATE``) on our scale; what is not known is Unknown."""
    return _WORDS.get(text.strip().lower(), "Unknown") if text else "Unknown"
