"""CVE records with the CNA's word and CISA's enrichment (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import Progress, SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.cve5 import following
from weakspot.intel.sources.cve5.reader import Cve5Reader
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote

DESCRIPTOR = SourceDescriptor(
    name="cve5",
    title="CVE List and CISA Vulnrichment",
    precedence=45,
    needs=frozenset({"network"}),
    licence="CVE Terms of Use; the CISA container CC0 1.0",
    attribution="CVE Program, the CNAs, and CISA Vulnrichment",
    url="https://github.com/CVEProject/cvelistV5",
    mirror_layout=("cve5/*.zip", "cve5/**/CVE-*.json", "cve5/*.jsonl[.gz]"),
    ecosystems=("cpe",),
    stale_after_days=3,
)

ARCHIVE = "https://codeload.github.com/CVEProject/cvelistV5/zip/refs/heads/main"
RAW = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main"


def remotes(options: FetchOptions) -> list[Remote]:
    """The whole repository."""
    return [Remote(options.base_urls.get(DESCRIPTOR.name, ARCHIVE), "cve5/cvelistV5-main.zip")]


def follow(fetcher: Fetcher, options: FetchOptions, progress: Progress) -> list[Fetched]:
    """The repository once, then what changed."""
    (archive,) = remotes(options)
    return following.follow(archive, RAW, fetcher, options, progress)


SOURCE = Source(DESCRIPTOR, lambda mirror: Cve5Reader(mirror / "cve5"), remotes, follow)
