"""Stretches of time that reads are asked for: back from now, or from a first to a last day."""

from __future__ import annotations

from weakspot.runtime.clock import DAY, Micros, from_iso
from weakspot.runtime.errors import BadQuery

PERIODS: dict[str, Micros] = {"7d": 7 * DAY, "30d": 30 * DAY, "3m": 91 * DAY, "6m": 182 * DAY, "12m": 365 * DAY}


def stretch(now: Micros, period: str, since: str | None = None, until: str | None = None) -> tuple[Micros, Micros]:
    """``[start, end)``: a period back from ``until`` (the end of that day; now unless given), or from ``since`` on.

    period: one of PERIODS. since, until: days (2026-01-31) or moments with a zone. Raises BadQuery for anything else,
    and where the end lies before the start.
    """
    end = now + 1 if until is None else day(until, "until") + DAY
    start = end - PERIODS[period] if since is None else day(since, "since")
    if start >= end:
        raise BadQuery("The last day lies before the first; exchange 'since' and 'until'.", field="since")
    return start, end


def day(text: str, field: str) -> Micros:
    """The start of a day, or a moment. Raises BadQuery."""
    try:
        return from_iso(text)
    except ValueError:
        raise BadQuery(f"{field!r} is a day as 2026-01-31 or a time with a zone.", field=field) from None
