"""Tags of software: end of support and zero days, of the versions that are installed in the scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np

from weakspot import recommendations
from weakspot.queries.columns import Ids
from weakspot.queries.contracts import SoftwareTag
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import to_iso


class Tagger:
    """Knows the tags of one scope at one moment."""

    def __init__(self, lens: Lens) -> None:
        self._lens = lens
        self._supports = recommendations.supports(lens.conn, lens.read.fleet)
        self._advice = recommendations.current(lens.conn, lens.read.fleet).advice
        self._today = to_iso(lens.now)[:10]

    def of(self, software_id: int) -> list[SoftwareTag]:
        """Tags of one software."""
        versions = self._lens.view.versions_of_software(software_id).tolist()
        return self.of_versions(one for one in versions if self._is_told(one) and self._lens.is_version_here(one))

    def of_versions(self, software_version_ids: Iterable[int]) -> list[SoftwareTag]:
        """Tags of software that is installed in these versions."""
        ids = list(software_version_ids)
        supports = [self._supports[one] for one in ids if one in self._supports]
        found = cast("list[SoftwareTag]", recommendations.support_tags(supports, self._today))
        return [*found, "zero_day"] if any(map(self._has_zero_day, ids)) else found

    def ends_on(self, software_version_id: int) -> str | None:
        """The day on which a version's line ends; None: no source tells."""
        told = self._supports.get(software_version_id)
        return None if told is None else told.ends_on

    def tagged(self, tags: Sequence[str]) -> Ids:
        """Software in the scope that has one of the tags."""
        versions: dict[int, list[int]] = {}
        told = {*self._supports, *(one for one in self._advice if self._has_zero_day(one))}
        for one in told:
            if self._lens.is_version_here(one):
                versions.setdefault(self._lens.view.software_of_version(one), []).append(one)
        found = [software for software, some in versions.items() if not set(tags).isdisjoint(self.of_versions(some))]
        return np.array(sorted(found), np.int64)

    def _is_told(self, software_version_id: int) -> bool:
        return software_version_id in self._supports or self._has_zero_day(software_version_id)

    def _has_zero_day(self, software_version_id: int) -> bool:
        known = self._advice.get(software_version_id)
        return known is not None and bool(known.zero_days)
