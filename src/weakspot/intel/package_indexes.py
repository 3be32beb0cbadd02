"""Package indexes of a mirror, kept as which source package a binary package is built from."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import Connection

from weakspot.intel.sources import package_indexes as reader
from weakspot.intel.store import package_indexes as store
from weakspot.runtime.clock import Clock
from weakspot.runtime.database import Database


def read_package_indexes(database: Database, mirror: Path, clock: Clock) -> frozenset[str]:
    """Bring what is kept up to a mirror's indexes; returns the platforms whose index changed. An index that is no
    longer in the mirror stays. Raises SourceUnavailable for one that cannot be unpacked.
    """
    with database.read() as conn:
        known = store.digests(conn)
    changed = set()
    for platform, paths in reader.indexes(mirror).items():
        digest = reader.digest(paths)
        if known.get(platform) != digest:
            _keep(database, platform, digest, reader.sources(paths), clock)
            changed.add(platform)
    return frozenset(changed)


def _keep(database: Database, platform: str, digest: str, found: dict[str, str], clock: Clock) -> None:
    def unit(conn: Connection) -> None:
        store.replace(conn, platform, digest, found, clock())

    database.write(unit)
