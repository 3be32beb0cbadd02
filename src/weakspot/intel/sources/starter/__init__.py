"""Starter knowledge: well-known vulnerabilities inside the package, so that something true is shown without a network
(README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.starter.reader import StarterReader

DESCRIPTOR = SourceDescriptor(
    name="starter",
    title="Starter knowledge",
    precedence=0,
    needs=frozenset(),
    licence="Apache-2.0 (facts with their public sources named)",
    attribution="Facts from the Debian security tracker, the GitHub Advisory Database, CISA KEV and FIRST EPSS",
    url="",
    mirror_layout=(),
    stale_after_days=36_500,
)

SOURCE = Source(DESCRIPTOR, lambda _mirror: StarterReader())
