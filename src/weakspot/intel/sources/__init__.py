"""The one list of sources. A new source is a folder here and a line in ``ALL`` (docs/how-to/add-a-source.md)."""

from __future__ import annotations

from weakspot.intel.sources import epss, kev, osv, own, starter
from weakspot.intel.sources.base import Source

ALL: tuple[Source, ...] = (
    osv.SOURCE,
    kev.SOURCE,
    epss.SOURCE,
    own.SOURCE,
    starter.SOURCE,
)
"""In the order in which they are loaded."""

BY_NAME: dict[str, Source] = {source.descriptor.name: source for source in ALL}
PRECEDENCE: dict[str, int] = {name: source.descriptor.precedence for name, source in BY_NAME.items()}
