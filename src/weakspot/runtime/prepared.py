"""Statements of the hot paths, compiled once for each dialect and run by the driver itself.

SQLAlchemy makes a cache key, a context and a result description for every execution, which costs more than the
statement where it touches one row by its key. ``Prepared`` keeps the compiled text: same SQL, same transaction, a
fraction of the time. Values pass without SQLAlchemy's type processing, so it is for integers, text and bytes only,
and the driver's own exceptions come through.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, int | str | bytes | None]

_ROWS_AT_ONCE = 1_000
_KEYS_AT_ONCE = (1, 4, 8, 16, 64, 256)
_INSERTS_AT_ONCE = (64, 32, *range(16, 0, -1))
"""A group of reports is a few rows for each table: one statement. Not so many that the driver forgets them again."""


class Prepared:
    """A statement whose parameters are all named: ``bindparam`` in conditions, ``columns`` for what is written."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._texts: dict[str, tuple[str, Callable[[Row], Any]]] = {}

    def first(self, conn: Connection, row: Row) -> tuple[Any, ...] | None:
        """Its first row; None when there is none."""
        cursor = self._execute(conn, row)
        try:
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found
        finally:
            cursor.close()

    def all(self, conn: Connection, row: Row) -> list[tuple[Any, ...]]:
        """All its rows."""
        cursor = self._execute(conn, row)
        try:
            return list(cursor.fetchall())
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
            text, given = self._text(conn.dialect)
            cursor = conn.connection.cursor()
            try:
                cursor.executemany(text, [given(row) for row in rows])
            finally:
                cursor.close()

    def _execute(self, conn: Connection, row: Row) -> DBAPICursor:
        text, given = self._text(conn.dialect)
        cursor = conn.connection.cursor()
        cursor.execute(text, given(row))
        return cursor

    def _text(self, dialect: Dialect) -> tuple[str, Callable[[Row], Any]]:
        known = self._texts.get(dialect.name)
        if known is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
            assert isinstance(compiled, SQLCompiler)
            known = self._texts[dialect.name] = (str(compiled), _giver(compiled.positiontup))
        return known


class Keyed:
    """A query for the rows whose ``key`` is one of some values: ``IN`` with a few fixed numbers of parameters, so that
    it is compiled a few times and no more. Rows come in the query's order within at most 256 values, and a value
    that is given twice gives its rows once there.
    """

    def __init__(self, query: sa.Select[Any], key: sa.ColumnElement[Any]) -> None:
        self._query = query
        self._key = key
        self._statements: dict[int, tuple[Prepared, list[str]]] = {}

    def rows(
        self, conn: Connection, values: Iterable[int | str | bytes], also: Row | None = None
    ) -> list[tuple[Any, ...]]:
        """All the rows. also: what else the query has to be given."""
        wanted = list(values)
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), _KEYS_AT_ONCE[-1]):
            some = wanted[start : start + _KEYS_AT_ONCE[-1]]
            size = next(one for one in _KEYS_AT_ONCE if one >= len(some))
            some += some[-1:] * (size - len(some))
            statement, names = self._statement(size)
            given: dict[str, int | str | bytes | None] = dict(zip(names, some, strict=True))
            if also:
                given.update(also)
            found += statement.all(conn, given)
        return found

    def _statement(self, size: int) -> tuple[Prepared, list[str]]:
        """For so many keys, with the names of its parameters."""
        known = self._statements.get(size)
        if known is None:
            names = [f"key_{number}" for number in range(size)]
            keys: list[sa.BindParameter[Any]] = [sa.bindparam(name) for name in names]
            known = self._statements[size] = Prepared(self._query.where(self._key.in_(keys))), names
        return known


class Inserted:
    """Rows to insert, or to write over the one with the same ``key``: many in few statements. The drivers give way to
    other threads at each statement, and on a busy server each time has to wait for its turn.

    columns: what a row gives. key: columns that are unique together; without it nothing is written over.
    """

    def __init__(self, table: sa.Table, columns: Sequence[str], *, key: Sequence[str] = ()) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._key = tuple(key)
        self._texts: dict[tuple[str, int], str] = {}

    def write(self, conn: Connection, rows: Sequence[Sequence[int | str | bytes | None]]) -> None:
        """Write rows, values in the order of the columns; a key occurs once among them. Nothing when there are none."""
        if not rows:
            return
        cursor = conn.connection.cursor()
        try:
            start = 0
            for size in _INSERTS_AT_ONCE:
                while len(rows) - start >= size:
                    some = rows[start : start + size]
                    cursor.execute(self._text(conn.dialect, size), list(itertools.chain.from_iterable(some)))
                    start += size
        finally:
            cursor.close()

    def _text(self, dialect: Dialect, size: int) -> str:
        known = self._texts.get((dialect.name, size))
        if known is None:
            known = self._texts[dialect.name, size] = self._made(dialect, size)
        return known

    def _made(self, dialect: Dialect, size: int) -> str:
        text = insert_text(self._table.name, self._columns, dialect.paramstyle, rows=size)
        if self._key:
            others = ", ".join(f'"{c}" = excluded."{c}"' for c in self._columns if c not in self._key)
            text += f" ON CONFLICT ({_quoted(self._key)}) DO UPDATE SET {others}"
        return text


@functools.lru_cache(maxsize=256)
def insert_text(table: str, columns: tuple[str, ...], paramstyle: str, *, rows: int = 1) -> str:
    """An INSERT of so many rows as the driver takes it; names are our own."""
    mark = "?" if paramstyle == "qmark" else "%s"
    row = f"({', '.join([mark] * len(columns))})"
    return f'INSERT INTO "{table}" ({_quoted(columns)}) VALUES {", ".join([row] * rows)}'  # noqa: S608


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _giver(order: Sequence[str] | None) -> Callable[[Row], Any]:
    """From named values to what the driver takes: by name, or in the order of the statement's parameters."""
    if order is None:
        return dict
    if len(order) < 2:
        return lambda row: tuple(row[name] for name in order)
    return operator.itemgetter(*order)
