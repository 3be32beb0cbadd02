"""Folders of CSAF documents; the format is read by ``csaf.py``."""

from __future__ import annotations

import abc
import re
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import Quarantined
from weakspot.intel.sources import csaf, files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse


class CsafReader(FolderReader, abc.ABC):
    """Reads JSON files, JSON lines and zips of them. Subclasses say whose they are.

    page: address of a record's own page, without its id.
    """

    pattern = re.compile(r"(?:.*/)?[\w.-]+\.(?:json|jsonl)(?:\.gz)?|[\w.-]+\.zip")
    is_nested = True
    page: str

    @abc.abstractmethod
    def platforms(self, cpe: str) -> tuple[str, ...]:
        """Ecosystems that a platform's CPE stands for; none: not assessed here."""

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """The records of every document of a file."""
        for found in json_records(path, want):
            if isinstance(found, Quarantined):
                yield found
                continue
            label, raw = found
            try:
                yield from csaf.read(raw, label, self.platforms, self.page)
            except files.Refused as error:
                yield refuse(label, raw, error)
