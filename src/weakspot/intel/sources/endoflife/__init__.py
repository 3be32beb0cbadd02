"""endoflife.date: until when releases are supported (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.endoflife.reader import EndoflifeReader
from weakspot.intel.sources.fetching import Remote

DESCRIPTOR = SourceDescriptor(
    name="endoflife",
    title="endoflife.date",
    precedence=50,
    needs=frozenset({"network"}),
    licence="MIT",
    attribution="endoflife.date contributors",
    url="https://endoflife.date/api/v1/products/full",
    mirror_layout=("endoflife/*.json[.gz]",),
    stale_after_days=30,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """All products in one document."""
    url = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url)
    return [Remote(url, "endoflife/products.json", 128 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: EndoflifeReader(mirror / "endoflife"), remotes)
