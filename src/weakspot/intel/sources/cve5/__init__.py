"""CVE records with the CNA's word and CISA's enrichment (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.cve5.reader import Cve5Reader

DESCRIPTOR = SourceDescriptor(
    name="cve5",
    title="CVE List and CISA Vulnrichment",
    precedence=45,
    needs=frozenset(),
    licence="CVE Terms of Use; the CISA container CC0 1.0",
    attribution="CVE Program, the CNAs, and CISA Vulnrichment",
    url="https://github.com/CVEProject/cvelistV5",
    mirror_layout=("cve5/*.zip", "cve5/**/CVE-*.json", "cve5/*.jsonl[.gz]"),
    ecosystems=("cpe",),
    stale_after_days=3,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: Cve5Reader(mirror / "cve5"))
