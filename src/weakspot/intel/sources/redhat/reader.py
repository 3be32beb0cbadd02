"""Red Hat's CSAF and VEX documents; the format is read by ``sources/csaf.py``.

A product counts where its CPE is Red Hat Enterprise Linux itself: ``cpe:/o:redhat:enterprise_linux:9::baseos`` is
``Red Hat:9``. Streams with extended support (``rhel_eus`` and the like) fix other builds than the main one does and
would contradict it; they and layered products are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import Quarantined
from weakspot.intel.sources import csaf, files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse

PAGE = "https://access.redhat.com/security/cve/"
_MAIN = re.compile(r"^cpe:/[oa]:redhat:enterprise_linux:(\d+)(?:\.\d+)?(?::.*)?$")


class RedHatReader(FolderReader):
    """Reads ``redhat/``."""

    source = "redhat"
    pattern = re.compile(r"(?:.*/)?[\w.-]+\.(?:json|jsonl)(?:\.gz)?|[\w.-]+\.zip")
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """The records of every document of a file."""
        for found in json_records(path, want):
            if isinstance(found, Quarantined):
                yield found
                continue
            label, raw = found
            try:
                yield from csaf.read(raw, label, platforms, PAGE)
            except files.Refused as error:
                yield refuse(label, raw, error)


def platforms(cpe: str) -> tuple[str, ...]:
    """``Red Hat:<major>`` of the main stream."""
    match = _MAIN.match(cpe)
    return (f"Red Hat:{match[1]}",) if match else ()
