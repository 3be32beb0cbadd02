"""Ubuntu: the CVE tracker (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.ubuntu.reader import UbuntuReader

DESCRIPTOR = SourceDescriptor(
    name="ubuntu",
    title="Ubuntu CVE Tracker",
    precedence=65,
    needs=frozenset(),
    licence="GPL-3.0 tracker text; only facts are read",
    attribution="Canonical Ubuntu CVE Tracker",
    url="https://git.launchpad.net/ubuntu-cve-tracker",
    mirror_layout=("ubuntu/*.zip", "ubuntu/**/CVE-*"),
    ecosystems=("Ubuntu",),
    stale_after_days=7,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: UbuntuReader(mirror / "ubuntu"))
