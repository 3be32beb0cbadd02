"""Alpine secdb: which package build fixed which flaw (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.alpine.reader import AlpineReader
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote

DESCRIPTOR = SourceDescriptor(
    name="alpine",
    title="Alpine security database",
    precedence=70,
    needs=frozenset({"network"}),
    licence="Facts published by Alpine Linux",
    attribution="Alpine Linux security team",
    url="https://secdb.alpinelinux.org/",
    mirror_layout=("alpine/<branch>/<repository>.json", "alpine/*.zip"),
    ecosystems=("Alpine",),
    stale_after_days=7,
)
BRANCHES = ("v3.18", "v3.19", "v3.20", "v3.21", "v3.22", "v3.23")


def remotes(options: FetchOptions) -> list[Remote]:
    """Two repositories of each branch that is still in wide use."""
    base = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url).rstrip("/")
    places = [f"{branch}/{repository}.json" for branch in BRANCHES for repository in ("main", "community")]
    return [Remote(f"{base}/{place}", f"alpine/{place}", 64 * 1024 * 1024) for place in places]


SOURCE = Source(DESCRIPTOR, lambda mirror: AlpineReader(mirror / "alpine"), remotes)
