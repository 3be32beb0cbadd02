"""OpenSSL's own vulnerability list (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.openssl.reader import OpensslReader

DESCRIPTOR = SourceDescriptor(
    name="openssl",
    title="OpenSSL vulnerabilities",
    precedence=70,
    needs=frozenset(),
    licence="Facts published by the OpenSSL project",
    attribution="OpenSSL project",
    url="https://github.com/openssl/release-metadata",
    mirror_layout=("openssl/*.zip", "openssl/CVE-*.json"),
    ecosystems=("cpe",),
    stale_after_days=30,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: OpensslReader(mirror / "openssl"))
