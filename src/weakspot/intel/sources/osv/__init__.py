"""OSV: advisories of language and distribution ecosystems in one format (README.md beside this file)."""

from __future__ import annotations

from urllib.parse import quote

from weakspot.intel.contracts import Progress, SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.intel.sources.osv import following
from weakspot.intel.sources.osv.reader import OsvReader

DESCRIPTOR = SourceDescriptor(
    name="osv",
    title="OSV",
    precedence=60,
    needs=frozenset({"network"}),
    licence="CC-BY 4.0, CC0, MIT and others, by database",
    attribution="OSV.dev and its databases, among them the GitHub Advisory Database and the Debian security tracker",
    url="https://osv-vulnerabilities.storage.googleapis.com/",
    mirror_layout=("osv/<Ecosystem>/all.zip", "osv/<Ecosystem>/*.json", "osv/<Ecosystem>/*.jsonl[.gz]"),
    ecosystems=(
        "AlmaLinux", "Alpine", "CRAN", "Debian", "Go", "Hackage", "Hex", "Homebrew", "Maven", "NuGet", "Packagist",
        "Pub", "PyPI", "Red Hat", "Rocky Linux", "RubyGems", "SUSE", "SwiftURL", "Ubuntu", "crates.io", "npm",
        "openSUSE",
    ),
    stale_after_days=3,
)  # fmt: skip

DEFAULT_ECOSYSTEMS = (
    "AlmaLinux", "Alpine", "Debian", "Go", "Maven", "NuGet", "Packagist", "PyPI", "Rocky Linux", "RubyGems", "Ubuntu",
    "crates.io", "npm", "openSUSE",
)  # fmt: skip


def remotes(options: FetchOptions) -> list[Remote]:
    """One archive an ecosystem."""
    base = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url).rstrip("/")
    chosen = options.ecosystems or DEFAULT_ECOSYSTEMS
    return [Remote(f"{base}/{quote(name)}/all.zip", f"osv/{name.replace(' ', '-')}/all.zip") for name in chosen]


def follow(fetcher: Fetcher, options: FetchOptions, progress: Progress) -> list[Fetched]:
    """Archives once, then what changed."""
    return following.follow(fetcher, remotes(options), progress)


SOURCE = Source(DESCRIPTOR, lambda mirror: OsvReader(mirror / "osv"), remotes, follow)
