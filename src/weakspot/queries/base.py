"""What every read model is given: a snapshot, the fleet, the moment; and how a list is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy.engine import Connection

from weakspot.fleet import Fleet
from weakspot.queries.contracts import Page
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import BadQuery

DEFAULT_PAGE_SIZE = 30
MAX_PAGE_SIZE = 500
EXPORT_ROWS = 100_000
"""Rows of one export, which is asked for as one large page; the API keeps pages for people at ``MAX_PAGE_SIZE``."""
MAX_SEARCH_LENGTH = 200

Item = TypeVar("Item")
Row = TypeVar("Row")


class ReadContext(msgspec.Struct, frozen=True):
    """One request's view: a database snapshot, the fleet index and the present moment."""

    conn: Connection
    fleet: Fleet
    now: Micros


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How a list page is asked for, already split but not yet checked.

    filters: values per filter name, in the API's own words; sort: a column, ``-`` in front for descending, empty for
    the
    page's default; page: 1 or more; page_size: 1-500.
    """

    search: str = ""
    filters: dict[str, tuple[str, ...]] = {}
    sort: str = ""
    page: int = 1
    page_size: int = DEFAULT_PAGE_SIZE

    @property
    def end(self) -> int:
        """Rows up to the end of the page."""
        return self.page * self.page_size


class ListShape(msgspec.Struct, frozen=True, kw_only=True):
    """What one list offers: filters with their allowed values (None: any text), sortable columns, the default sort."""

    filters: dict[str, tuple[str, ...] | None]
    verbatim: frozenset[str] = frozenset()
    """Filters whose values may hold commas: given once for each value."""
    sorts: tuple[str, ...]
    default_sort: str

    def check(self, query: ListQuery) -> ListQuery:
        """The query with the sort filled in. Raises BadQuery, which lists what is offered."""
        if query.page < 1 or not 1 <= query.page_size <= EXPORT_ROWS:
            raise BadQuery(f"Use page from 1 up and page_size from 1 to {MAX_PAGE_SIZE}.", field="page")
        if len(query.search) > MAX_SEARCH_LENGTH:
            raise BadQuery(f"Search for at most {MAX_SEARCH_LENGTH} characters.", field="search")
        for name, values in query.filters.items():
            if name not in self.filters:
                raise BadQuery(f"There is no filter {name[:40]!r} here; use: {_words(self.filters)}.", field=name[:40])
            allowed = self.filters[name]
            wrong = [value for value in values if allowed is not None and value not in allowed]
            if allowed is not None and wrong:
                raise BadQuery(f"Filter {name!r} takes: {_words(allowed)}.", field=name)
        sort = query.sort or self.default_sort
        if sort.removeprefix("-") not in self.sorts:
            raise BadQuery(f"Sort by one of: {_words(self.sorts)}; '-' in front sorts descending.", field="sort")
        return msgspec.structs.replace(query, sort=sort)

    def describe(self, noun: str, query: ListQuery) -> str:
        """The filters in one sentence."""
        parts = [f"{name} is {' or '.join(values)}" for name, values in sorted(query.filters.items()) if values]
        if query.search:
            parts.append(f"matching “{query.search}”")
        return f"{noun}" + (" where " + " and ".join(parts) if parts else "")


def paged(
    items: Sequence[Item],
    query: ListQuery,
    *,
    shape: ListShape,
    noun: str,
    key: Callable[[Item], Any],
    tie: Callable[[Item], Any],
    rows: Callable[[Sequence[Item]], Iterable[Row]],
) -> Page[Row]:
    """Sort, cut one page and make rows of that page alone.

    key may give None for "not known": such items come last in either direction. tie makes the order total.
    """
    descending = query.sort.startswith("-")
    ordered = sorted(items, key=tie)
    known = [(value, item) for item in ordered if (value := key(item)) is not None]
    unknown = [item for item in ordered if key(item) is None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    arranged = [item for _, item in known] + unknown
    start = (query.page - 1) * query.page_size
    return Page(
        items=list(rows(arranged[start : start + query.page_size])),
        total=len(items),
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        described=shape.describe(noun, query),
    )


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
