"""CISA KEV: vulnerabilities known to be exploited (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
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


def remotes(options: FetchOptions) -> list[Remote]:
    """The one catalogue."""
    url = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url)
    return [Remote(url, "kev/known_exploited_vulnerabilities.json", 128 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: KevReader(mirror / "kev"), remotes)
