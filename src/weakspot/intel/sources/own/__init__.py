"""An organisation's own advisories: OSV files in a folder (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.osv.reader import OsvReader

DESCRIPTOR = SourceDescriptor(
    name="own",
    title="Own advisories",
    precedence=100,
    needs=frozenset(),
    licence="yours",
    attribution="",
    url="",
    mirror_layout=("own/*.json", "own/*.jsonl[.gz]", "own/*.zip"),
    stale_after_days=36_500,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: OsvReader(mirror / "own", "own", is_nested=False, page=""))
