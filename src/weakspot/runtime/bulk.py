"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite; and ids that the caller gives.

Values pass without SQLAlchemy's type processing: integers, floats, booleans, text, bytes and None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.prepared import insert_text

COPY_FROM = 50
"""Rows from which COPY is worth its two round trips."""


def insert_rows(conn: Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert tuples in the order of ``columns``, inside the caller's transaction. Nothing when there are none."""
    if not rows:
        return
    if conn.dialect.name == "postgresql" and len(rows) >= COPY_FROM:
        copy_rows(conn, table, columns, rows)
    else:
        conn.exec_driver_sql(insert_text(table.name, tuple(columns), conn.dialect.paramstyle), list(rows))


def insert_dicts(conn: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """As ``insert_rows``, for rows that all have the same keys."""
    if rows:
        columns = tuple(rows[0])
        insert_rows(conn, table, columns, [tuple(row[name] for name in columns) for row in rows])


def copy_rows(conn: Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY ... FROM STDIN; PostgreSQL only."""
    names = ", ".join(f'"{column}"' for column in columns)
    cursor: Any = conn.connection.cursor()
    try:
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    finally:
        cursor.close()


def after_given_ids(conn: Connection, table: sa.Table) -> None:
    """Let the ids that the database gives go on above those that the caller gave. SQLite does so by itself."""
    if conn.dialect.name != "postgresql":
        return
    column = next((one for one in table.primary_key.columns if one is table.autoincrement_column), None)
    if column is None:
        return
    name = conn.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name))).scalar_one()
    if name is None:
        return
    last, is_given = conn.exec_driver_sql(f"SELECT last_value, is_called FROM {name}").one()  # noqa: S608 - our own names
    greatest = int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one())
    # Never back: ``changes`` gives no number twice, even where its rows are gone.
    if greatest > (last if is_given else last - 1):
        conn.execute(sa.select(sa.func.setval(name, greatest)))
