"""Counts of public proofs of concept: CSV ``cve,poc_references,github_repos``.

``poc_references`` are links that somebody reviewed; ``github_repos`` counts every repository that mentions the id,
lists and mirrors too, and is shown but decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import EvidenceRecord, Quarantined
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader
from weakspot.runtime.errors import SourceUnavailable

_COLUMNS = {"cve", "poc_references", "github_repos"}


class PocReader(FolderReader):
    """Reads ``poc/``."""

    source = "poc"
    pattern = re.compile(r"[\w.-]+\.csv(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """One row of evidence a CVE with at least one reviewed link."""
        with files.open_stream(path) as stream:
            for number, row in enumerate(files.csv_rows(stream, path.name), 2):
                if number == 2 and not row.keys() >= _COLUMNS:
                    raise SourceUnavailable(f"{path.name} lacks columns: {', '.join(sorted(_COLUMNS - row.keys()))}.")
                name = names.canonical_name(row["cve"])
                links, repositories = row["poc_references"].strip(), row["github_repos"].strip()
                if not names.is_cve(name) or not links.isdecimal() or not repositories.isdecimal():
                    yield Quarantined(name[:100], f"Row {number} is not a CVE and two counts.", str(row)[:500])
                elif int(links) > 0:
                    details = {"references": links, "repositories": repositories}
                    yield EvidenceRecord(name=name, kind="proof_of_concept", details=details)
