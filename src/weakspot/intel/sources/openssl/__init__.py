"""OpenSSL's own vulnerability list (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
from weakspot.intel.sources.openssl.reader import OpensslReader

DESCRIPTOR = SourceDescriptor(
    name="openssl",
    title="OpenSSL vulnerabilities",
    precedence=70,
    needs=frozenset({"network"}),
    licence="Facts published by the OpenSSL project",
    attribution="OpenSSL project",
    url="https://github.com/openssl/release-metadata",
    mirror_layout=("openssl/*.zip", "openssl/CVE-*.json"),
    ecosystems=("cpe",),
    stale_after_days=30,
)

ARCHIVE = "https://codeload.github.com/openssl/release-metadata/zip/refs/heads/main"


def remotes(options: FetchOptions) -> list[Remote]:
    """The repository as a zip."""
    url = options.base_urls.get(DESCRIPTOR.name, ARCHIVE)
    return [Remote(url, "openssl/release-metadata.zip", 256 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: OpensslReader(mirror / "openssl"), remotes)
