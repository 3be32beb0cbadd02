"""NVD: CVE records with CVSS, CWE and CPE configurations (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import Progress, SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.intel.sources.nvd import api
from weakspot.intel.sources.nvd.reader import NvdReader

DESCRIPTOR = SourceDescriptor(
    name="nvd",
    title="NVD",
    precedence=40,
    needs=frozenset({"network", "key"}),
    licence="Public domain (US Government work)",
    attribution="This product uses data from the NVD but is not endorsed or certified by the NVD.",
    url="https://nvd.nist.gov/feeds/json/cve/2.0/",
    mirror_layout=("nvd/nvdcve-2.0-YYYY.json[.gz]", "nvd/nvdcve-2.0-modified*.json[.gz]", "nvd/*.jsonl[.gz]"),
    ecosystems=("cpe",),
    stale_after_days=3,
)
FIRST_YEAR = 2002


def remotes(options: FetchOptions) -> list[Remote]:
    """One feed a year, and the one of recent changes."""
    base = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url).rstrip("/")
    feeds = [*range(FIRST_YEAR, int(options.today[:4]) + 1), "modified"]
    return [Remote(f"{base}/nvdcve-2.0-{feed}.json.gz", f"nvd/nvdcve-2.0-{feed}.json.gz") for feed in feeds]


def follow(fetcher: Fetcher, options: FetchOptions, progress: Progress) -> list[Fetched]:
    """The feeds once, then the API."""
    return api.follow(fetcher, remotes(options), options, progress)


SOURCE = Source(DESCRIPTOR, lambda mirror: NvdReader(mirror / "nvd"), remotes, follow)
