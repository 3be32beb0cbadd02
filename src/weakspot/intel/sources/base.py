"""The interface of a source, and what its reader may rely on.

A source is a folder with a ``DESCRIPTOR``, a ``Reader`` and, where it can be asked over the network, a ``fetch``
function that keeps a mirror folder up to date. Readers are pure: bytes in, records out. They find their files in a
mirror folder by the documented layout, tell one state of a file from another by a digest, and skip entries that the
caller knows already.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from weakspot.intel.contracts import (
    AdvisoryRecord,
    EpssDay,
    EpssRow,
    EvidenceRecord,
    LifecycleRecord,
    Progress,
    Quarantined,
    SourceDescriptor,
    Supersedence,
)
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.runtime.clock import Micros

Record = AdvisoryRecord | EvidenceRecord | EpssDay | EpssRow | LifecycleRecord | Supersedence | Quarantined

WantEntry = Callable[[str, str], bool]
"""``want(entry, fingerprint)``: called before an entry of a part is read; False means it is known and is to be skipped.
All records up to the next call belong to that entry."""


class Part(msgspec.Struct, frozen=True):
    """One file of a source. ``is_delta``: what is missing from it has not ended (a feed of recent changes)."""

    name: str
    path: Path
    is_delta: bool = False
    data_at: Micros | None = None
    """Newest moment that the file itself names, where that is known without reading it."""
    digest: str = ""
    """What tells one state from another, where the part is no file."""


class Reader(Protocol):
    """Reads one source's files. ``version`` is raised when the same bytes would give other records."""

    source: str
    version: int

    def parts(self) -> Sequence[Part]:
        """Files there are now, in the order in which they are to be read: later ones win ties."""

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """Records of one part. A record that cannot be read is given as ``Quarantined``; raises SourceUnavailable only
        when the part as a whole cannot be read."""

    def leftovers(self) -> Sequence[Path]:
        """Files in the source's folders that it does not recognise."""


@runtime_checkable
class Partial(Protocol):
    """A reader that sees only some of its source's parts in this run."""

    def covers(self, part: str) -> bool:
        """False: the part is none of this run's business, and stays in force as it is."""


class FetchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which files are fetched. ``today`` is ISO, ``at`` the moment; ``ecosystems`` narrows OSV (empty: the
    default list).
    """

    today: str
    at: Micros = 0
    ecosystems: tuple[str, ...] = ()
    keys: dict[str, str] = {}
    """API keys by source name; never logged."""
    base_urls: dict[str, str] = {}
    """Other addresses by source name: an internal mirror that serves the same paths."""


class Source(msgspec.Struct, frozen=True):
    """A source: what it is, how its reader is made for a mirror folder, and what it fetches."""

    descriptor: SourceDescriptor
    reader: Callable[[Path], Reader]
    remotes: Callable[[FetchOptions], Sequence[Remote]] | None = None
    """The files to keep up to date over the network; None: files only."""
    follow: Callable[[Fetcher, FetchOptions, Progress], Sequence[Fetched]] | None = None
    """Keeps the files up to date where that is more than fetching each of ``remotes``: by a cursor, or an API."""


def digest_of(part: Part, reader_version: int) -> str:
    """What tells one state of a part from another."""
    return f"{reader_version}:{part.digest}" if part.digest else digest_of_file(part.path, reader_version)


def digest_of_file(path: Path, reader_version: int) -> str:
    """What tells one state of a file from another: reader version and SHA-256.

    A file that is the same to its file system as when it was last looked at is not read for it again, unless it was
    written so shortly before that another write could have left no trace.
    """
    stat = path.stat()
    mark = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    found = _digests.get(mark)
    if found is None:
        looked_at = time.time_ns()
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if looked_at - max(stat.st_mtime_ns, stat.st_ctime_ns) > _SETTLED_NS:
            if len(_digests) >= _MAX_DIGESTS:
                _digests.clear()
            _digests[mark] = found
    return f"{reader_version}:{found}"


_digests: dict[tuple[int, ...], str] = {}
_MAX_DIGESTS = 100_000
_SETTLED_NS = 2_000_000_000


def excerpt(raw: bytes | str) -> str:
    """Start of a record, printable, for people."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return "".join(c if c.isprintable() else " " for c in text[:500])
