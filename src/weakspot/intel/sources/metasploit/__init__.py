"""Metasploit modules (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
from weakspot.intel.sources.metasploit.reader import MetasploitReader

DESCRIPTOR = SourceDescriptor(
    name="metasploit",
    title="Metasploit",
    precedence=0,
    needs=frozenset({"network"}),
    licence="BSD-3-Clause",
    attribution="Rapid7 Metasploit Framework",
    url="https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/modules_metadata_base.json",
    mirror_layout=("metasploit/modules_metadata_base.json[.gz]",),
    stale_after_days=30,
)


def remotes(options: FetchOptions) -> list[Remote]:
    """The one file."""
    url = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url)
    return [Remote(url, "metasploit/modules_metadata_base.json", 512 * 1024 * 1024)]


SOURCE = Source(DESCRIPTOR, lambda mirror: MetasploitReader(mirror / "metasploit"), remotes)
