"""Bring intelligence into force: read a source, publish it, judge again what it touches, in one unit of work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel, matching
from weakspot.intel import Progress, Reader
from weakspot.runtime.errors import WeakspotError
from weakspot.workflows.services import Services

log = logging.getLogger(__name__)

KNOWLEDGE_UPDATE = "knowledge update"
"""Name of the lock (``Database.alone``): one process stages at a time, for staged rows have no owner."""

Readers = Iterable[tuple[str, Callable[[Progress], Reader]]]
"""Source name and how its reader is made; making it may fetch the feed, and then raise SourceUnavailable."""


class SyncOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one source's run ended. ``counts``: records, added, changed, ended, unchanged, quarantined."""

    source: str
    status: str
    reason: str
    version: int
    counts: dict[str, int]
    software_versions_changed: int


def apply_knowledge(services: Services, readers: Readers, progress: Progress) -> Iterator[SyncOutcome]:
    """Run sources one after the other; one that fails is told and keeps its last good state.

    Each source's records come into force whole or not at all, together with the matches that follow from them. Raises
    Conflict while another process on this database does the same.
    """
    with services.database.alone(KNOWLEDGE_UPDATE):
        for source, make_reader in readers:
            try:
                yield _apply(services, source, make_reader(progress), progress)
            except WeakspotError as error:
                yield _failed(services, source, error.detail)
            except Exception:
                log.exception("source %s failed", source)
                yield _failed(services, source, "The source could not be read; the server's log has the details.")


def starter_knowledge() -> Readers:
    """The facts that the package carries."""
    return [("starter", lambda _progress: intel.starter_reader())]


def own_knowledge(services: Services, mirror: Path | None) -> tuple[str, Callable[[Progress], Reader]]:
    """What was written by API, as it is when it is read, and the files of a mirror's ``own/``."""

    def make(_progress: Progress) -> Reader:
        with services.database.read() as conn:
            return intel.own_reader(conn, mirror)

    return "own", make


def vex_knowledge(services: Services, mirror: Path | None) -> tuple[str, Callable[[Progress], Reader]]:
    """VEX documents that were uploaded, as they are when they are read, and the files of a mirror's ``vex/``."""

    def make(_progress: Progress) -> Reader:
        with services.database.read() as conn:
            return intel.vex_reader(conn, mirror)

    return "vex", make


def mirror_knowledge(mirror: intel.Mirror) -> Readers:
    """What a mirror folder holds."""
    return [(source, _given(reader)) for source, reader in mirror.readers]


def _given(reader: Reader) -> Callable[[Progress], Reader]:
    return lambda _progress: reader


def _apply(services: Services, source: str, reader: Reader, progress: Progress) -> SyncOutcome:
    staged = intel.stage(services.database, source, reader, services.clock, progress)

    def unit(conn: Connection) -> tuple[intel.Published, int]:
        now = services.clock()
        if staged.is_empty:
            return intel.publish(conn, staged, now), 0
        before = intel.covered_ecosystems(conn)
        published = intel.publish(conn, staged, now)
        changed = matching.rematch(conn, published.identities, published.version, now)
        matching.refresh_coverage(conn, before, intel.covered_ecosystems(conn), now)
        return published, changed

    published, changed = services.database.write(unit)
    if not staged.is_empty:
        intel.tidy(services.database)
    return SyncOutcome(
        source=source,
        status=staged.status,
        reason=staged.reason,
        version=published.version,
        counts=published.counts,
        software_versions_changed=changed,
    )


def _failed(services: Services, source: str, reason: str) -> SyncOutcome:
    now = services.clock()
    services.database.write(lambda conn: intel.record_failure(conn, source, now, reason))
    with services.database.read() as conn:
        version = intel.current_version(conn)
    return SyncOutcome(
        source=source, status="failed", reason=reason, version=version, counts={}, software_versions_changed=0
    )
