"""Windows updates back to 2008: which update closes which flaw in which product (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
from weakspot.intel.sources.wesng.reader import WesngReader

DESCRIPTOR = SourceDescriptor(
    name="wesng",
    title="WES-NG definitions",
    precedence=50,
    needs=frozenset({"network"}),
    licence="BSD-3-Clause; facts published by Microsoft",
    attribution="Windows Exploit Suggester - Next Generation, from Microsoft's security bulletins and update guide",
    url="https://raw.githubusercontent.com/bitsadmin/wesng/master/definitions.zip",
    mirror_layout=("wesng/*definitions*.zip",),
    ecosystems=("windows", "microsoft"),
    stale_after_days=45,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """The one archive."""
    url = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url)
    return [Remote(url, "wesng/definitions.zip", 128 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: WesngReader(mirror / "wesng"), remotes)
