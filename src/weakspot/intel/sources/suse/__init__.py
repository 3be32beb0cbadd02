"""SUSE CSAF and VEX: which build fixes what, and what is not affected (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.suse.reader import SuseReader

DESCRIPTOR = SourceDescriptor(
    name="suse",
    title="SUSE CSAF and VEX",
    precedence=70,
    needs=frozenset(),
    licence="CC-BY 4.0",
    attribution="SUSE Security Team",
    url="https://ftp.suse.com/pub/projects/security/csaf-vex/",
    mirror_layout=("suse/**/*.json[.gz]", "suse/*.jsonl[.gz]", "suse/*.zip"),
    ecosystems=("SUSE", "openSUSE"),
    stale_after_days=7,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: SuseReader(mirror / "suse"))
