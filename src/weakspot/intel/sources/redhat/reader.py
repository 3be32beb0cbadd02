"""Red Hat's CSAF and VEX documents; the format is read by ``sources/csaf.py``.

A product counts where its CPE is Red Hat Enterprise Linux itself: ``cpe:/o:redhat:enterprise_linux:9::baseos`` is
``Red Hat:9``. Streams with extended support (``rhel_eus`` and the like) fix other builds than the main one does and
would contradict it; they and layered products are left out.
"""

from __future__ import annotations

import re

from weakspot.intel.sources.csaf_folder import CsafReader

_MAIN = re.compile(r"^cpe:/[oa]:redhat:enterprise_linux:(\d+)(?:\.\d+)?(?::.*)?$")


class RedHatReader(CsafReader):
    """Reads ``redhat/``."""

    source = "redhat"
    page = "https://access.redhat.com/security/cve/"

    def platforms(self, cpe: str) -> tuple[str, ...]:
        """``Red Hat:<major>`` of the main stream."""
        return platforms(cpe)


def platforms(cpe: str) -> tuple[str, ...]:
    """``Red Hat:<major>`` of the main stream."""
    match = _MAIN.match(cpe)
    return (f"Red Hat:{match[1]}",) if match else ()
