"""How known exploited vulnerabilities are used, as ATT&CK techniques (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.attack.reader import AttackReader
from weakspot.intel.sources.base import Source

DESCRIPTOR = SourceDescriptor(
    name="attack",
    title="KEV to ATT&CK",
    precedence=0,
    needs=frozenset(),
    licence="Apache-2.0",
    attribution="Center for Threat-Informed Defense, Mappings Explorer",
    url="https://center-for-threat-informed-defense.github.io/mappings-explorer/data/kev/",
    mirror_layout=("attack/kev*.json[.gz]",),
    stale_after_days=365,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: AttackReader(mirror / "attack"))
