"""CPE configurations for CVEs that NVD has not analysed (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.nvd_overrides.reader import OverridesReader

DESCRIPTOR = SourceDescriptor(
    name="nvd_overrides",
    title="NVD data overrides",
    precedence=35,
    needs=frozenset(),
    licence="CC0 1.0",
    attribution="Anchore, nvd-data-overrides",
    url="https://github.com/anchore/nvd-data-overrides",
    mirror_layout=("nvd_overrides/*.json", "nvd_overrides/*.jsonl[.gz]", "nvd_overrides/*.zip"),
    ecosystems=("cpe",),
    stale_after_days=30,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: OverridesReader(mirror / "nvd_overrides"))
