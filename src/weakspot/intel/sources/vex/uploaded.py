"""VEX documents from both places: those uploaded, and the files of a mirror's ``vex/``.

Those uploaded are one part, ``api``. A run that has no mirror does not cover the files, so that what they say stays in
force; a run that has one covers both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from weakspot.intel.contracts import Quarantined
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Part, Record, WantEntry
from weakspot.intel.sources.vex.reader import VexReader, parse, read

API = "api"


class JoinedVexReader:
    """``documents``: id -> JSON; ``mirror``: a mirror folder, None where there is none in this run."""

    source = "vex"
    version = VexReader.version

    def __init__(self, documents: Mapping[str, bytes], mirror: Path | None) -> None:
        self._documents = dict(sorted(documents.items()))
        self._files = None if mirror is None else VexReader(mirror / "vex")
        self._has_files = self._files is not None and bool(self._files.parts())

    def covers(self, part: str) -> bool:
        """What was uploaded always; files where there are some."""
        return part == API or self._has_files

    def parts(self) -> list[Part]:
        """Files first: what was uploaded is the newer word where the dates are the same."""
        found = self._files.parts() if self._files else []
        if self._documents:
            digest = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in self._documents.values()))
            found.append(Part(API, Path(API), digest=digest.hexdigest()))
        return found

    def leftovers(self) -> list[Path]:
        """Of the files."""
        return self._files.leftovers() if self._files else []

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """Records of one part."""
        if part.name != API:
            if self._files:
                yield from self._files.read(part, want)
            return
        for document_id, document in self._documents.items():
            if want(document_id, hashlib.sha256(document).hexdigest()):
                try:
                    yield from read(parse(document), document_id)
                except files.Refused as error:
                    yield Quarantined(document_id, f"The document {error}.")
