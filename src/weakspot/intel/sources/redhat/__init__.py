"""Red Hat CSAF and VEX: which build fixes what, and what is not affected (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.redhat.reader import RedHatReader

DESCRIPTOR = SourceDescriptor(
    name="redhat",
    title="Red Hat CSAF and VEX",
    precedence=70,
    needs=frozenset(),
    licence="CC-BY 4.0",
    attribution="Red Hat Product Security",
    url="https://security.access.redhat.com/data/csaf/v2/vex/",
    mirror_layout=("redhat/**/*.json[.gz]", "redhat/*.jsonl[.gz]", "redhat/*.zip"),
    ecosystems=("Red Hat",),
    stale_after_days=7,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: RedHatReader(mirror / "redhat"))
