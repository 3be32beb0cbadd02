"""Red Hat CSAF and VEX: which build fixes what, and what is not affected (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import Progress, SourceDescriptor
from weakspot.intel.sources import csaf_following
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.intel.sources.redhat.reader import RedHatReader

DESCRIPTOR = SourceDescriptor(
    name="redhat",
    title="Red Hat CSAF and VEX",
    precedence=70,
    needs=frozenset({"network"}),
    licence="CC-BY 4.0",
    attribution="Red Hat Product Security",
    url="https://security.access.redhat.com/data/csaf/v2/vex/",
    mirror_layout=("redhat/**/*.json[.gz]", "redhat/*.jsonl[.gz]", "redhat/*.zip"),
    ecosystems=("Red Hat",),
    stale_after_days=7,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """The provider's list of changes; it is followed, not kept."""
    base = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url).rstrip("/")
    return [Remote(f"{base}/changes.csv", "redhat/changes.csv")]


def follow(fetcher: Fetcher, options: FetchOptions, progress: Progress) -> list[Fetched]:
    """What changed, document by document."""
    return csaf_following.follow(DESCRIPTOR.name, DESCRIPTOR.url, fetcher, options, progress)


SOURCE = Source(DESCRIPTOR, lambda mirror: RedHatReader(mirror / "redhat"), remotes, follow)
