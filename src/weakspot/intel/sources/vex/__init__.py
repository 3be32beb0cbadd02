"""VEX: statements on whether a product is affected: OpenVEX, CSAF, CycloneDX (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.vex.reader import VexReader

DESCRIPTOR = SourceDescriptor(
    name="vex",
    title="VEX documents",
    precedence=90,
    needs=frozenset(),
    licence="yours or your suppliers'",
    attribution="",
    url="",
    mirror_layout=("vex/**/*.json[.gz]",),
    stale_after_days=36_500,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: VexReader(mirror / "vex"))
