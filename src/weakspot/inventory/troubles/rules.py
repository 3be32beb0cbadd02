"""Which lines of a log are kept, and how failed collectors are put in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from weakspot.inventory.contracts import CollectorOutcome
from weakspot.inventory.troubles.contracts import LogLine

MAX_BAD, MAX_OTHER = 100, 50
"""Warnings and errors, and other lines, that are kept of one source."""
MAX_DETAIL = 1_000


def newest(known: Iterable[LogLine], told: Iterable[LogLine]) -> tuple[LogLine, ...]:
    """The lines that are kept, newest first; a line that came twice counts once, and chatter pushes no error out."""
    lines = sorted({*known, *told}, key=lambda one: (-one.at, one.severity, one.text, one.place))
    bad = [one for one in lines if one.severity != "information"][:MAX_BAD]
    other = [one for one in lines if one.severity == "information"][:MAX_OTHER]
    return tuple(sorted([*bad, *other], key=lambda one: -one.at))


def failures(outcomes: Sequence[CollectorOutcome]) -> str:
    """The collectors that failed, with their reasons; empty where none did.

    One that could read a part only is no failure: without root that is usual and said elsewhere.
    """
    failed = (f"{one.name}: {one.reason or 'no reason given'}" for one in outcomes if one.status == "failed")
    return "; ".join(failed)[:MAX_DETAIL]
