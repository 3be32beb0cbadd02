"""A source asked over the network: fetched into a folder, then read from there like any mirror."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import BY_NAME
from weakspot.intel.sources.base import FetchOptions, Part, Reader, Record, WantEntry
from weakspot.intel.sources.fetching import Fetcher
from weakspot.runtime.errors import SourceUnavailable


class OnlineReader:
    """Reads what was fetched; ``warnings`` tells which files could not be fetched and are read in their last good
    copy.
    """

    def __init__(self, inner: Reader, warnings: Sequence[str]) -> None:
        self.source, self.version = inner.source, inner.version
        self.warnings = tuple(warnings)
        self._inner = inner

    def parts(self) -> Sequence[Part]:
        """As the mirror's reader."""
        return self._inner.parts()

    def leftovers(self) -> Sequence[Path]:
        """As the mirror's reader."""
        return self._inner.leftovers()

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """As the mirror's reader."""
        return self._inner.read(part, want)


def online_reader(
    source: str, folder: Path, fetcher: Fetcher, options: FetchOptions, progress: Progress
) -> OnlineReader:
    """Fetch a source into ``folder`` and read it there. Raises SourceUnavailable, with the first reason, when none of
    its files could be fetched; what was loaded before stays in force then.
    """
    chosen = BY_NAME[source]
    if chosen.remotes is None:
        raise SourceUnavailable(f"{chosen.descriptor.title} is read from files only; give it a mirror folder.")
    if chosen.follow is not None:
        outcomes = list(chosen.follow(fetcher, options, progress))
    else:
        outcomes = fetcher.fetch(chosen.remotes(options), progress)
    failed = [outcome.reason for outcome in outcomes if outcome.status == "failed"]
    if outcomes and len(failed) == len(outcomes):
        more = f" (and {len(failed) - 1} more files)" if len(failed) > 1 else ""
        raise SourceUnavailable(f"{failed[0]}{more}")
    return OnlineReader(chosen.reader(folder), failed)
