"""From events to ranges: the evaluation of the OSV schema ("Evaluation"), done once when a record is read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter

from weakspot.intel.contracts import AffectedStatus, EndKind, Range
from weakspot.vocabulary import ecosystems
from weakspot.vocabulary.versions import key

Event = tuple[str, str]
"""(introduced | fixed | last_affected | limit, version)."""

FIRST = "0"
MAX_LISTED_VERSIONS = 20_000

_RANK = {"fixed": 0, "limit": 0, "introduced": 1, "last_affected": 2}

cached_key = lru_cache(maxsize=262_144)(key)
"""Versions repeat from record to record: most keys are asked for many times."""


def introduced_key(scheme: str, introduced: str) -> bytes:
    """Key of a lower bound; empty for "from the first version"."""
    return b"" if introduced == FIRST else cached_key(scheme, introduced)


def spans(scheme: str, events: Iterable[Event]) -> list[tuple[str, str | None, EndKind]]:
    """(introduced, end, end_kind) of each affected stretch, ascending.

    Events are ordered by version, as the schema evaluates them. An end without a beginning is dropped; a beginning
    inside an open stretch changes nothing. Of two ends in a row the first counts.
    """
    ordered = sorted(
        ((introduced_key(scheme, version), _RANK[kind], kind, version) for kind, version in events),
        key=itemgetter(0, 1),
    )
    found: list[tuple[str, str | None, EndKind]] = []
    start: str | None = None
    void: bytes | None = None
    for at, _, kind, version in ordered:
        if kind == "introduced":
            start = version if start is None and at != void else start
        elif kind == "limit" and version == "*":
            continue
        elif start is None:
            void = at  # introduced and fixed in the same version: nothing in between
        else:
            found.append((start, version, "last_affected" if kind == "last_affected" else "fixed"))
            start = None
    if start is not None:
        found.append((start, None, "none"))
    return found


def covers(scheme: str, found: Iterable[tuple[str, str | None, EndKind]], version: str) -> bool:
    """True if one of the stretches holds ``version``."""
    at = cached_key(scheme, version)
    for start, end, kind in found:
        if introduced_key(scheme, start) > at:
            continue
        if end is None:
            return True
        limit = cached_key(scheme, end)
        if at < limit or (kind == "last_affected" and at == limit):
            return True
    return False


def build(
    ecosystem: str,
    name: str,
    event_lists: Iterable[Iterable[Event]],
    versions: Iterable[str],
    *,
    status: AffectedStatus = "affected",
    module: str = "",
) -> list[Range]:
    """Ranges of one affected package. Listed versions that a stretch already holds are left out; the rest become one
    range of kind ``versions``, so that the union is what the schema asks for. Raises ValueError over 20,000 versions.
    """
    scheme = ecosystems.scheme(ecosystem)
    stretches = list(dict.fromkeys(span for events in event_lists for span in spans(scheme, events)))
    ranges = [Range(ecosystem, name, start, end, kind, None, status, module) for start, end, kind in stretches]
    rest = [version for version in dict.fromkeys(versions) if not covers(scheme, stretches, version)]
    if len(rest) > MAX_LISTED_VERSIONS:
        raise ValueError(
            f"lists {len(rest)} versions of {name} outside its ranges; at most {MAX_LISTED_VERSIONS} are kept"
        )
    if rest:
        ranges.append(Range(ecosystem, name, FIRST, None, "versions", tuple(rest), status, module))
    return ranges
