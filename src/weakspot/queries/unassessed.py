"""Weaknesses of which nothing can be said here: sources name them of software that is installed but not assessed."""

from __future__ import annotations

import numpy as np

from weakspot import intel, inventory, matching
from weakspot.queries.columns import Ids
from weakspot.queries.lens import Lens
from weakspot.runtime import changes

SMALL_FLEET = 500


def vulnerabilities(lens: Lens) -> Ids:
    """Their ids, ascending (spec/features.md 11.1); some of them may be exposed by other software. In a large fleet at
    most half a minute old.
    """
    if len(lens.counted) <= SMALL_FLEET:
        return _read(lens)
    version = str(intel.current_version(lens.conn))
    return lens.memory.ordering(lens.read, "unassessed", lens.scope, lambda: _read(lens), while_as=version).values


def is_named(lens: Lens, vulnerability_id: int) -> bool:
    """Whether it is one of them."""
    known = vulnerabilities(lens)
    at = int(np.searchsorted(known, vulnerability_id))
    return at < len(known) and int(known[at]) == vulnerability_id


def _read(lens: Lens) -> Ids:
    key = ("queries.unassessed", changes.last_seq(lens.conn), lens.scope.group_ids)
    return lens.view.memo(key, lambda: _named(lens))


def _named(lens: Lens) -> Ids:
    here = [one for one in lens.memory.not_assessed(lens.read) if lens.is_version_here(one)]
    versions = inventory.software_versions(lens.conn, here).values() if here else ()
    identities = {name for one in versions for name in matching.names_without(one)}
    found = {claim.vulnerability_id for some in intel.claims(lens.conn, identities).values() for claim in some}
    return np.array(sorted(found), np.int64)
