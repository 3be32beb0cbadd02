"""Time as the product keeps it: UTC, in whole microseconds since 1970, passed in where it matters."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

Micros = int
"""Microseconds since 1970-01-01T00:00:00Z."""

Clock = Callable[[], Micros]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

SECOND: Micros = 1_000_000
DAY: Micros = 86_400 * SECOND


def system_clock() -> Micros:
    """The present moment."""
    return time.time_ns() // 1_000


def to_datetime(at: Micros) -> dt.datetime:
    """An aware UTC datetime, exact to the microsecond."""
    return _EPOCH + at * _MICROSECOND


def from_datetime(moment: dt.datetime) -> Micros:
    """Raises ValueError for a naive datetime: a time without a zone is not a time."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone: write it with 'Z' or an offset")
    return (moment - _EPOCH) // _MICROSECOND


def to_iso(at: Micros) -> str:
    """RFC 3339 with microseconds and ``Z``."""
    return to_datetime(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_iso(text: str) -> Micros:
    """Read RFC 3339; a bare date counts as its midnight UTC, more than six fraction digits are cut. Raises
    ValueError.
    """
    cleaned = text.strip()
    if len(cleaned) > 40:
        raise ValueError("not a time: longer than 40 characters")
    moment = dt.datetime.fromisoformat(cleaned)
    if moment.tzinfo is None and len(cleaned) == 10:
        moment = moment.replace(tzinfo=dt.UTC)
    return from_datetime(moment)
