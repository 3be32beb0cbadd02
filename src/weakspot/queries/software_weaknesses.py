"""The weaknesses of one software: those of its versions that are installed in the scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from weakspot import matching
from weakspot.access.contracts import Scope
from weakspot.matching import MatchInterval
from weakspot.queries import weaknesses as weakness_pages
from weakspot.queries.base import ListQuery, ReadContext
from weakspot.queries.columns import Ids
from weakspot.queries.contracts import Page, SoftwareWeaknessRow
from weakspot.queries.device_weaknesses import CONFIDENCES
from weakspot.queries.lens import Lens, cut
from weakspot.queries.rows import weaknesses_by_id
from weakspot.queries.software import find

SHAPE = msgspec.structs.replace(
    weakness_pages.SHAPE, filters={**weakness_pages.SHAPE.filters, "confidence": CONFIDENCES}
)


def page(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[SoftwareWeaknessRow]:
    """Weaknesses of the versions that are installed in the scope. Raises NotFound.

    ``confidence=all``: also those that just a weak match names, each with why it does not count.
    """
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    software = find(lens, public_id)
    here = [one for one in lens.view.versions_of_software(software.id).tolist() if lens.is_version_here(one)]
    asked = msgspec.structs.replace(query, filters={**query.filters, "software": (software.public_id,)})
    ordered = weakness_pages.select(lens, asked, _weakly_matched(lens, here, query), upto=asked.end)
    return cut(ordered, asked, shape=SHAPE, noun="Weaknesses", rows=lambda ids: _rows(lens, here, ids))


def _weakly_matched(lens: Lens, here: Sequence[int], query: ListQuery) -> Ids | None:
    """What weak matches name, where they are asked for."""
    if "all" not in (query.filters.get("confidence") or ()):
        return None
    found = {one.vulnerability_id for one in _open(lens, here, None, is_weak=True)}
    return np.array(sorted(found), np.int64)


def _open(lens: Lens, versions: Sequence[int], ids: Iterable[int] | None, *, is_weak: bool) -> list[MatchInterval]:
    found = matching.intervals(lens.conn, versions, ids, is_weak=is_weak)
    return [one for one in found if one.until is None]


def _rows(lens: Lens, here: Sequence[int], wanted: Sequence[int]) -> list[SoftwareWeaknessRow]:
    surest = _surest(_open(lens, here, wanted, is_weak=False))
    left = [one for one in wanted if one not in surest]
    weak = _surest(_open(lens, here, left, is_weak=True)) if left else {}
    reasons = {one: _why_weak(lens, match) for one, match in weak.items()}
    rows = weaknesses_by_id(lens, wanted)
    confidences = {one: match.confidence for one, match in (surest | weak).items()}
    return [
        SoftwareWeaknessRow(
            **msgspec.structs.asdict(row),
            confidence=confidences[vulnerability_id],
            is_counted=vulnerability_id not in reasons,
            weak_because=reasons.get(vulnerability_id, ""),
        )
        for vulnerability_id, row in ((one, rows.get(one)) for one in wanted)
        if row is not None and vulnerability_id in confidences
    ]


def _surest(matches: Iterable[MatchInterval]) -> dict[int, MatchInterval]:
    """The match with the most confidence, by vulnerability."""
    ordered = sorted(matches, key=lambda one: (one.confidence, -one.software_version_id))
    return {one.vulnerability_id: one for one in ordered}


def _why_weak(lens: Lens, match: MatchInterval) -> str:
    found = matching.matches_between(lens.conn, [match.software_version_id], match.vulnerability_id)
    return matching.why_weak(match.method, match.status, found[0].evidence if found else ())
