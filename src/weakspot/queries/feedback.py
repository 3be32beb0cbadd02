"""What feedback is about, by its own name: only what the caller may see can be named."""

from __future__ import annotations

import msgspec

from weakspot import intel
from weakspot.access.contracts import Scope
from weakspot.matching.contracts import GivenFeedback
from weakspot.queries import recommendations, software
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens
from weakspot.runtime.errors import NotFound


def named(read: ReadContext, scope: Scope, given: GivenFeedback) -> GivenFeedback:
    """The same with the name by which its subject is known. Raises NotFound."""
    return msgspec.structs.replace(given, subject=_subject(read, scope, given))


def _subject(read: ReadContext, scope: Scope, given: GivenFeedback) -> str:
    match given.subject_kind:
        case "software":
            return software.find(Lens(read, scope), given.subject).public_id
        case "recommendation":
            return recommendations.detail(read, scope, given.subject).recommendation.id
        case "vulnerability":
            found = intel.find(read.conn, given.subject)
            if found is None:
                raise NotFound(f"No weakness is known as {given.subject[:80]!r}; check the spelling.")
            return intel.detail(read.conn, found).facts.name
