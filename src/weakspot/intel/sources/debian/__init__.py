"""Debian: the security tracker as JSON (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.debian.reader import DebianReader
from weakspot.intel.sources.fetching import Remote

DESCRIPTOR = SourceDescriptor(
    name="debian",
    title="Debian security tracker",
    precedence=65,
    needs=frozenset({"network"}),
    licence="MIT",
    attribution="Debian security tracker",
    url="https://security-tracker.debian.org/tracker/data/json",
    mirror_layout=("debian/*.json[.gz]",),
    ecosystems=("Debian",),
    stale_after_days=3,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """The one file."""
    url = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url)
    return [Remote(url, "debian/tracker.json", 512 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: DebianReader(mirror / "debian"), remotes)
