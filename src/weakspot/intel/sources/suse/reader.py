"""SUSE's CSAF and VEX documents; the format is read by ``sources/csaf.py``.

Products by CPE: ``sles`` and ``sled`` with their service pack, ``opensuse:leap`` and ``opensuse:tumbleweed``. What a
module of SUSE Linux Enterprise ships (``sle-module-basesystem``) is installed on the server and on the desktop, so it
counts for both. Long-term support and other products are left out.
"""

from __future__ import annotations

import re

from weakspot.intel.sources.csaf_folder import CsafReader

_ENTERPRISE = re.compile(r"^cpe:/o:suse:(?P<product>sles|sled|sle-module-[\w.-]+):(?P<major>\d+)(?::sp(?P<pack>\d+))?$")
_LEAP = re.compile(r"^cpe:/o:opensuse:leap:(\d+\.\d+)$")
_SERVER, _DESKTOP = "SUSE:Linux Enterprise Server", "SUSE:Linux Enterprise Desktop"
_EDITIONS = {"sles": (_SERVER,), "sled": (_DESKTOP,)}


class SuseReader(CsafReader):
    """Reads ``suse/``."""

    source = "suse"
    page = "https://www.suse.com/security/cve/"

    def platforms(self, cpe: str) -> tuple[str, ...]:
        """The releases that a product is or is part of."""
        return platforms(cpe)


def platforms(cpe: str) -> tuple[str, ...]:
    """The releases that a product is or is part of."""
    if match := _LEAP.match(cpe):
        return (f"openSUSE:Leap:{match[1]}",)
    if cpe.startswith("cpe:/o:opensuse:tumbleweed"):
        return ("openSUSE:Tumbleweed",)
    if match := _ENTERPRISE.match(cpe):
        release = f"{match['major']}.{match['pack']}" if match["pack"] else match["major"]
        return tuple(f"{edition}:{release}" for edition in _EDITIONS.get(match["product"], (_SERVER, _DESKTOP)))
    return ()
