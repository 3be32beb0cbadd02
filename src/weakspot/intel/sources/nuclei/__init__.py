"""Nuclei templates that test for a CVE (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
from weakspot.intel.sources.nuclei.reader import NucleiReader

DESCRIPTOR = SourceDescriptor(
    name="nuclei",
    title="Nuclei templates",
    precedence=0,
    needs=frozenset({"network"}),
    licence="MIT",
    attribution="ProjectDiscovery nuclei-templates",
    url="https://raw.githubusercontent.com/projectdiscovery/nuclei-templates/main/cves.json",
    mirror_layout=("nuclei/cves.json[.gz]", "nuclei/*.jsonl[.gz]"),
    stale_after_days=30,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """The one file."""
    url = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url)
    return [Remote(url, "nuclei/cves.jsonl", 512 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: NucleiReader(mirror / "nuclei"), remotes)
