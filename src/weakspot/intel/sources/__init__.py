"""The one list of sources. A new source is a folder here and a line in ``ALL`` (docs/how-to/add-a-source.md)."""

from __future__ import annotations

from weakspot.intel.sources import (
    alpine,
    attack,
    cve5,
    debian,
    endoflife,
    epss,
    exploitdb,
    kev,
    metasploit,
    mozilla,
    msrc,
    nuclei,
    nvd,
    nvd_overrides,
    openssl,
    osv,
    own,
    poc,
    redhat,
    starter,
    suse,
    ubuntu,
    vex,
    wesng,
)
from weakspot.intel.sources.base import Source

ALL: tuple[Source, ...] = (
    osv.SOURCE,
    debian.SOURCE,
    ubuntu.SOURCE,
    alpine.SOURCE,
    redhat.SOURCE,
    suse.SOURCE,
    msrc.SOURCE,
    wesng.SOURCE,
    mozilla.SOURCE,
    openssl.SOURCE,
    cve5.SOURCE,
    nvd.SOURCE,
    nvd_overrides.SOURCE,
    kev.SOURCE,
    exploitdb.SOURCE,
    metasploit.SOURCE,
    nuclei.SOURCE,
    poc.SOURCE,
    attack.SOURCE,
    epss.SOURCE,
    endoflife.SOURCE,
    own.SOURCE,
    vex.SOURCE,
    starter.SOURCE,
)
"""In the order in which they are loaded."""

BY_NAME: dict[str, Source] = {source.descriptor.name: source for source in ALL}
PRECEDENCE: dict[str, int] = {name: source.descriptor.precedence for name, source in BY_NAME.items()}
