"""The tracker's JSON: source package -> CVE -> ``description`` and ``releases`` (codename -> status, fixed_version,
urgency).

Read one package at a time. ``resolved`` with a version is a range up to it (``0``: never affected, which is claimed),
``open`` a range without end, ``undetermined`` one that is under investigation. Releases are those with a number;
``sid`` is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson

from weakspot.intel.contracts import AdvisoryRecord, AffectedStatus, Quarantined, Range
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader
from weakspot.runtime.errors import SourceUnavailable

RELEASES = {"buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14"}
_NEVER = "0"
_URGENCY: dict[str, AffectedStatus] = {"unimportant": "unimportant", "end-of-life": "end_of_life"}


class DebianReader(FolderReader):
    """Reads ``debian/``."""

    source = "debian"
    pattern = re.compile(r"[\w.-]+\.json(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """A record for each flaw of each package."""
        with files.open_stream(path) as stream:
            try:
                for package, flaws in ijson.kvitems(stream, "", use_float=True):
                    yield from _package(package, flaws)
            except (ijson.JSONError, RecursionError) as error:
                raise SourceUnavailable(f"{path.name} is not the tracker's JSON: {error}.") from error


def _package(package: str, flaws: Any) -> Iterator[Record]:
    if not isinstance(flaws, dict):
        yield Quarantined(package[:100], "The package holds no mapping of flaws.", str(flaws)[:500])
        return
    for key, flaw in flaws.items():
        name = names.canonical_name(key)
        releases = flaw.get("releases") if isinstance(flaw, dict) else None
        if not names.is_usable(name) or not isinstance(releases, dict):
            yield Quarantined(f"{package} {key}"[:200], "The entry has no usable id or no releases.", str(flaw)[:500])
            continue
        ranges = (_range(package, RELEASES[r], told) for r, told in releases.items() if r in RELEASES)
        yield AdvisoryRecord(
            record_id=f"{name} {package}",
            name=name,
            description=str(flaw.get("description") or "")[:4000],
            url=f"https://security-tracker.debian.org/tracker/{name}",
            ranges=tuple(item for item in ranges if item is not None),
        )


def _range(package: str, release: str, told: Any) -> Range | None:
    if not isinstance(told, dict):
        return None
    status = _URGENCY.get(str(told.get("urgency")), "affected")
    fixed = told.get("fixed_version")
    if told.get("status") == "resolved":
        if fixed == _NEVER:
            return Range(f"Debian:{release}", package, "0", None, "none", status="not_affected")
        return Range(f"Debian:{release}", package, "0", fixed, "fixed", status=status) if fixed else None
    if told.get("status") == "undetermined":
        status = "under_investigation"
    return Range(f"Debian:{release}", package, "0", None, "none", status=status)
