"""Mozilla: which release fixed which flaw (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
from weakspot.intel.sources.mozilla.reader import MozillaReader

DESCRIPTOR = SourceDescriptor(
    name="mozilla",
    title="Mozilla Foundation Security Advisories",
    precedence=70,
    needs=frozenset({"network"}),
    licence="MPL-2.0; only facts are read",
    attribution="Mozilla Foundation",
    url="https://github.com/mozilla/foundation-security-advisories",
    mirror_layout=("mozilla/*.zip", "mozilla/**/mfsa*.yml"),
    ecosystems=("cpe",),
    stale_after_days=60,
)

ARCHIVE = "https://codeload.github.com/mozilla/foundation-security-advisories/zip/refs/heads/master"


def remotes(options: FetchOptions) -> list[Remote]:
    """The repository as a zip."""
    url = options.base_urls.get(DESCRIPTOR.name, ARCHIVE)
    return [Remote(url, "mozilla/foundation-security-advisories.zip", 256 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: MozillaReader(mirror / "mozilla"), remotes)
