"""Statements of the hot paths, compiled once for each dialect and run by the driver itself.

SQLAlchemy makes a cache key, a context and a result description for every execution, which costs more than the
statement where it touches one row by its key. ``Prepared`` keeps the compiled text: same SQL, same transaction, a
fraction of the time. Values pass without SQLAlchemy's type processing, so it is for integers, text and bytes only,
and the driver's own exceptions come through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, int | str | bytes | None]

_ROWS_AT_ONCE = 1_000


class Prepared:
    """A statement whose parameters are all named: ``bindparam`` in conditions, ``columns`` for what is written."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._texts: dict[str, tuple[str, tuple[str, ...] | None]] = {}

    def first(self, conn: Connection, row: Row) -> tuple[Any, ...] | None:
        """Its first row; None when there is none."""
        cursor = self._execute(conn, row)
        try:
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found
        finally:
            cursor.close()

    def rows(self, conn: Connection, row: Row) -> Iterator[tuple[Any, ...]]:
        """Its rows, as they are read; nothing is executed before the first one is asked for."""
        cursor = self._execute(conn, row)
        try:
            while some := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from some
        finally:
            cursor.close()

    def run(self, conn: Connection, row: Row) -> int:
        """Run it once; the number of rows that it touched."""
        cursor = self._execute(conn, row)
        try:
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def many(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Run it for each row; nothing when there is none."""
        if len(rows) == 1:
            self.run(conn, rows[0])
        elif rows:
            text, order = self._text(conn.dialect)
            cursor = conn.connection.cursor()
            try:
                cursor.executemany(text, [_given(row, order) for row in rows])
            finally:
                cursor.close()

    def _execute(self, conn: Connection, row: Row) -> DBAPICursor:
        text, order = self._text(conn.dialect)
        cursor = conn.connection.cursor()
        cursor.execute(text, _given(row, order))
        return cursor

    def _text(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        known = self._texts.get(dialect.name)
        if known is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
            assert isinstance(compiled, SQLCompiler)
            order = compiled.positiontup
            known = self._texts[dialect.name] = (str(compiled), None if order is None else tuple(order))
        return known


def _given(row: Row, order: tuple[str, ...] | None) -> Any:
    return dict(row) if order is None else tuple(row[name] for name in order)
