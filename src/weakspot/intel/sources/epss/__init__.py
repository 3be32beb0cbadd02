"""FIRST EPSS: how likely a CVE is to be exploited in the next 30 days (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import Source
from weakspot.intel.sources.epss.reader import EpssReader

DESCRIPTOR = SourceDescriptor(
    name="epss",
    title="FIRST EPSS",
    precedence=0,
    needs=frozenset({"network"}),
    licence="Free to use with attribution (https://www.first.org/epss/)",
    attribution="Exploit Prediction Scoring System, FIRST.org",
    url="https://epss.empiricalsecurity.com/",
    mirror_layout=("epss/epss_scores-YYYY-MM-DD.csv[.gz]",),
    stale_after_days=3,
)

SOURCE = Source(DESCRIPTOR, lambda mirror: EpssReader(mirror / "epss"))
