"""Microsoft security updates, month by month (README.md beside this file)."""

from __future__ import annotations

from weakspot.intel.contracts import SourceDescriptor
from weakspot.intel.sources.base import FetchOptions, Source
from weakspot.intel.sources.fetching import Remote
from weakspot.intel.sources.msrc.reader import MsrcReader

DESCRIPTOR = SourceDescriptor(
    name="msrc",
    title="Microsoft Security Response Center",
    precedence=70,
    needs=frozenset({"network"}),
    licence="Microsoft's public Security Updates API",
    attribution="Microsoft Security Response Center",
    url="https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/",
    mirror_layout=("msrc/YYYY-Mon.json[.gz]", "msrc/YYYY-Mon.xml[.gz]"),
    ecosystems=("windows", "microsoft"),
    stale_after_days=14,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST_YEAR = 2016


def remotes(options: FetchOptions) -> list[Remote]:
    """One document a month, up to this one."""
    base = options.base_urls.get(DESCRIPTOR.name, DESCRIPTOR.url).rstrip("/")
    year, month = int(options.today[:4]), int(options.today[5:7])
    ids = [
        f"{y}-{name}"
        for y in range(FIRST_YEAR, year + 1)
        for n, name in enumerate(_MONTHS, 1)
        if (y, n) <= (year, month)
    ]
    return [
        Remote(f"{base}/{document}", f"msrc/{document}.json", 64 * 1024 * 1024, {"Accept": "application/json"})
        for document in ids
    ]


SOURCE = Source(DESCRIPTOR, lambda mirror: MsrcReader(mirror / "msrc"), remotes)
