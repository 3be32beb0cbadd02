"""Counts of public proofs of concept (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.poc.reader import PocReader

DESCRIPTOR = SourceDescriptor(
    name="poc",
    title="Public proof-of-concept counts",
    precedence=0,
    needs=frozenset(),
    licence="MIT (counts from trickest/cve)",
    attribution="Trickest CVE",
    url="https://github.com/trickest/cve",
    mirror_layout=("poc/*.csv[.gz]",),
    stale_after_days=60,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: PocReader(mirror / "poc"))
