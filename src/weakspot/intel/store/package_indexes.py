"""What package indexes say: which source a binary package of a release is built from."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.store.bulk import insert_many, select_in
from weakspot.runtime.clock import Micros

_index, _source = t.package_index.c, t.package_source.c


def digests(conn: Connection) -> dict[str, str]:
    """Platform -> what tells the state of its index that was read."""
    return {row.platform: row.digest for row in conn.execute(sa.select(_index.platform, _index.digest))}


def replace(conn: Connection, platform: str, digest: str, sources: Mapping[str, str], at: Micros) -> None:
    """The index of a release as it is now."""
    conn.execute(t.package_source.delete().where(_source.platform == platform))
    conn.execute(t.package_index.delete().where(_index.platform == platform))
    rows = [(platform, package, source) for package, source in sources.items()]
    insert_many(conn, t.package_source, ("platform", "package", "source"), rows)
    conn.execute(t.package_index.insert().values(platform=platform, digest=digest, packages=len(rows), read_at=at))


def sources(conn: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(platform, binary package) -> source package, of those that an index names."""
    by_platform: dict[str, list[str]] = {}
    for platform, package in wanted:
        by_platform.setdefault(platform, []).append(package)
    found: dict[tuple[str, str], str] = {}
    for platform, packages in by_platform.items():
        query = sa.select(_source.package, _source.source).where(_source.platform == platform)
        rows = select_in(conn, lambda some, query=query: query.where(_source.package.in_(some)), packages)  # type: ignore[misc]
        found |= {(platform, package): source for package, source in rows}
    return found
