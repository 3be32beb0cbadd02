"""Mozilla: which release fixed which flaw (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.mozilla.reader import MozillaReader

DESCRIPTOR = SourceDescriptor(
    name="mozilla",
    title="Mozilla Foundation Security Advisories",
    precedence=70,
    needs=frozenset(),
    licence="MPL-2.0; only facts are read",
    attribution="Mozilla Foundation",
    url="https://github.com/mozilla/foundation-security-advisories",
    mirror_layout=("mozilla/*.zip", "mozilla/**/mfsa*.yml"),
    ecosystems=("cpe",),
    stale_after_days=60,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: MozillaReader(mirror / "mozilla"))
