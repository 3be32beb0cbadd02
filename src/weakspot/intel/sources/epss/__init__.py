"""FIRST EPSS: how likely a CVE is to be exploited in the next 30 days (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.epss.reader import EpssReader
from weakspot.intel.sources.fetching import Remote

DESCRIPTOR = SourceDescriptor(
    name="epss",
    title="FIRST EPSS",
    precedence=0,
    needs=frozenset({"network"}),
    licence="Free to use with attribution (https://www.first.org/epss/)",
    attribution="Exploit Prediction Scoring System, FIRST.org",
    url="https://epss.empiricalsecurity.com/",
    mirror_layout=("epss/epss_scores-YYYY-MM-DD.csv[.gz]",),
    stale_after_days=3,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """The newest day. The file says itself which day that is."""
    base = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url).rstrip("/")
    return [Remote(f"{base}/epss_scores-current.csv.gz", f"epss/epss_scores-{options.today}.csv.gz", 128 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: EpssReader(mirror / "epss"), remotes)
