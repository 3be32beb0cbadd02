"""Move all rows from one database to another, of either kind, without loss.

One transaction on the target: it has everything or nothing. Each row is hashed as it is read; after the last one the
target is read again and must give the same counts and the same sums of hashes, before the commit.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime import migrate
from weakspot.runtime.bulk import after_given_ids, insert_rows
from weakspot.runtime.database import metadata, read_engine, sqlite_url, write_engine
from weakspot.runtime.errors import Conflict

ROWS_AT_ONCE = 2_000
_SUM_BITS = 1 << 64


class Moved(msgspec.Struct, frozen=True):
    """What was moved: tables with rows, and rows."""

    tables: int
    rows: int


class _Sum(msgspec.Struct):
    """Count and order-free hash of the rows of one table."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        for row in rows:
            found = hashlib.blake2b(msgspec.msgpack.encode(row), digest_size=8).digest()
            self.digest = (self.digest + int.from_bytes(found, "big")) % _SUM_BITS
        self.rows += len(rows)


def move(source: str, target: str, tell: Callable[[str, int], None]) -> Moved:
    """Copy everything from ``source`` (left as it is) to ``target``, which gets the schema of this version.

    tell: table and how many of its rows are there, after each chunk. Nobody else may use either of them meanwhile.
    Raises Conflict when the target holds data or, after the copy, not the same as the source; then it is left empty.
    """
    migrate.upgrade(source)
    migrate.upgrade(target)
    reading, writing = read_engine(source), write_engine(target)
    try:
        with reading.connect() as there, writing.connect() as here, there.begin(), here.begin():
            _require_unused(here)
            return _copy(there, here, tell)
    finally:
        reading.dispose()
        writing.dispose()


def _copy(there: Connection, here: Connection, tell: Callable[[str, int], None]) -> Moved:
    if here.dialect.name == "sqlite":
        here.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    found_there = set(sa.inspect(there).get_table_names())
    unknown = found_there - metadata.tables.keys() - {"alembic_version"}
    if unknown:
        raise Conflict(f"The database has tables that are not Weakspot's ({', '.join(sorted(unknown))}); remove them.")
    tables = [table for table in metadata.sorted_tables if table.name in found_there]
    for table in reversed(tables):
        here.execute(table.delete())
    sums: dict[str, _Sum] = {}
    for table in tables:
        columns = [column.name for column in table.columns]
        found = sums[table.name] = _Sum()
        for rows in _chunks(there, table):
            insert_rows(here, table, columns, rows)
            found.add(rows)
            tell(table.name, found.rows)
        after_given_ids(here, table)
    for table in tables:
        again = _Sum()
        for rows in _chunks(here, table):
            again.add(rows)
        if again != sums[table.name]:
            raise Conflict(
                f"{table.name} is not the same after the copy; nothing was moved. Stop everything that uses either "
                "database and try again."
            )
    return Moved(sum(one.rows > 0 for one in sums.values()), sum(one.rows for one in sums.values()))


def _chunks(conn: Connection, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
    # In the order of the key: a row that names another of its table comes after it.
    query = sa.select(table).order_by(*table.primary_key.columns)
    with conn.execution_options(yield_per=ROWS_AT_ONCE).execute(query) as result:
        for some in result.partitions():
            yield [tuple(row) for row in some]


def _require_unused(conn: Connection) -> None:
    used = _used(conn)
    if used:
        raise Conflict(f"The target holds data already ({', '.join(used[:5])}); give an empty database.")


def _used(conn: Connection) -> list[str]:
    """Tables that do not have as many rows as in a new database."""
    with tempfile.TemporaryDirectory(prefix="weakspot-") as folder:
        url = sqlite_url(Path(folder) / "new.db")
        migrate.upgrade(url)
        engine = read_engine(url)
        try:
            with engine.connect() as new:
                known = [table for name, table in metadata.tables.items() if sa.inspect(new).has_table(name)]
                return [table.name for table in known if _count(conn, table) > _count(new, table)]
        finally:
            engine.dispose()


def _count(conn: Connection, table: sa.Table) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
