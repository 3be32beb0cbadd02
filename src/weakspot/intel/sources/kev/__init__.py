"""CISA KEV: vulnerabilities known to be exploited (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.kev.reader import KevReader

DESCRIPTOR = SourceDescriptor(
    name="kev",
    title="CISA Known Exploited Vulnerabilities",
    precedence=30,
    needs=frozenset({"network"}),
    licence="CC0 1.0 (US Government work)",
    attribution="Cybersecurity and Infrastructure Security Agency (CISA)",
    url="https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    mirror_layout=("kev/known_exploited_vulnerabilities*.json[.gz]",),
    stale_after_days=14,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: KevReader(mirror / "kev"))
