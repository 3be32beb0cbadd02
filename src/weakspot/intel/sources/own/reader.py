"""An organisation's own advisories from both places: those written by API, and the files of a mirror's ``own/``.

Those written by API are one part, ``api``. A run that has no mirror does not cover the files, so that what they say
stays in force; a run that has one covers both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from weakspot.intel.contracts import Quarantined
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Part, Record, WantEntry, excerpt
from weakspot.intel.sources.osv.reader import OsvReader, decode

API = "api"


class OwnReader:
    """``documents``: record id -> OSV JSON; ``mirror``: a mirror folder, None where there is none in this run."""

    source = "own"
    version = OsvReader.version

    def __init__(self, documents: Mapping[str, bytes], mirror: Path | None) -> None:
        self._documents = dict(sorted(documents.items()))
        self._files = None if mirror is None else OsvReader(mirror / "own", "own", is_nested=False, page="")
        self._has_files = self._files is not None and bool(self._files.parts())

    def covers(self, part: str) -> bool:
        """What was written by API always; files where there are some."""
        return part == API or self._has_files

    def parts(self) -> list[Part]:
        """Files first: what is written by API is the newer word where the dates are the same."""
        found = self._files.parts() if self._files else []
        if self._documents:
            found.append(Part(API, Path(API), digest=_digest(*self._documents.values())))
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
        for record_id, document in self._documents.items():
            if want(record_id, _digest(document)):
                try:
                    yield decode(document, page="")
                except files.Refused as error:
                    yield Quarantined(record_id, f"The record {error}.", excerpt(document))


def _digest(*documents: bytes) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(hashlib.sha256(document).digest())
    return digest.hexdigest()
