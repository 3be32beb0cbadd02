"""Query options of the compatible API, and the page of rows that they ask for."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote

import msgspec

from weakspot.api.defender.errors import ODataError
from weakspot.api.defender.filters import Kind, Row, Test, compile_filter
from weakspot.api.listing import MAXIMUM_PARAMETERS, shown

MAXIMUM_SKIP = 100_000_000
_KNOWN = ("$filter", "$top", "$skip", "$orderby", "$count", "$select")
_MAXIMUM_COLUMNS = 50


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for. ``top`` None: the server's page size, and a link to the next page."""

    filter: Test | None
    top: int | None
    skip: int
    order: tuple[tuple[str, bool], ...]
    has_count: bool
    select: tuple[str, ...]
    raw: dict[str, str]
    uses: str


class RowPage(msgspec.Struct, frozen=True):
    """Rows of one page. ``total`` only when it was asked for."""

    rows: list[dict[str, Any]]
    has_more: bool
    total: int | None


def pairs_of(query_string: bytes) -> list[tuple[str, str]]:
    """Names and values as they were given. Raises ODataError."""
    try:
        text = query_string.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAXIMUM_PARAMETERS)
    except (UnicodeDecodeError, ValueError):
        raise ODataError(
            f"The query string must be percent-encoded UTF-8 with at most {MAXIMUM_PARAMETERS} parts."
        ) from None


def parse(query_string: bytes, properties: Mapping[str, Kind], maximum: int) -> Options:
    """Raises ODataError. Options that do not begin with ``$`` are the client's own business and are
    ignored.
    """
    given: dict[str, str] = {}
    for name, value in pairs_of(query_string):
        lowered = name.lower()
        if not lowered.startswith("$"):
            continue
        if lowered not in _KNOWN:
            raise ODataError(f"Unknown query option {shown(name)}; known are: {', '.join(_KNOWN)}.")
        if lowered in given:
            raise ODataError(f"{lowered} is given twice; give it once.")
        if not value.isprintable():
            raise ODataError(f"{lowered} has control characters; leave them out.")
        given[lowered] = value
    text = given.get("$filter", "")
    return Options(
        filter=compile_filter(text, properties) if text.strip() else None,
        top=_integer("$top", given["$top"], maximum) if "$top" in given else None,
        skip=_integer("$skip", given["$skip"], MAXIMUM_SKIP) if "$skip" in given else 0,
        order=_order(given.get("$orderby", ""), properties),
        has_count=_flag("$count", given.get("$count", "false")),
        select=tuple(part.strip() for part in given.get("$select", "").split(",") if part.strip()),
        raw=given,
        uses=f"{text} {given.get('$orderby', '')}".lower(),
    )


def page_of(rows: Iterable[dict[str, Any]], options: Options, maximum: int) -> RowPage:
    """The rows that pass, in order, of the page asked for; reads no further than it must."""
    passing: Iterator[dict[str, Any]] | list[dict[str, Any]]
    passing = iter(rows) if options.filter is None else filter(options.filter, rows)
    total = None
    if options.order or options.has_count:
        everything = list(passing)
        for name, is_descending in reversed(options.order):
            everything.sort(key=_order_key(name), reverse=is_descending)
        total = len(everything) if options.has_count else None
        passing = iter(everything)
    size = maximum if options.top is None else options.top
    found = list(islice(passing, options.skip, options.skip + size + 1))
    return RowPage(found[:size], len(found) > size, total)


def selected(rows: list[dict[str, Any]], select: tuple[str, ...], known: Iterable[str]) -> list[dict[str, Any]]:
    """Rows with the selected properties alone; all of them without ``$select``. Raises ODataError for
    unknown ones.
    """
    if not select:
        return rows
    names = {name.lower(): name for name in known}
    chosen = []
    for asked in select[:_MAXIMUM_COLUMNS]:
        if asked.lower() not in names:
            raise ODataError(
                f"$select: {shown(asked)} is not a property; known are: {', '.join(sorted(names.values()))}."
            )
        chosen.append(names[asked.lower()])
    pick: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: {name: row[name] for name in chosen}  # noqa: E731
    return [pick(row) for row in rows]


def next_link(address: str, options: Options, size: int) -> str:
    """Address of the next page: the same question with another ``$skip``."""
    asked = {**options.raw, "$skip": str(options.skip + size)}
    return address + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())


def _order(text: str, properties: Mapping[str, Kind]) -> tuple[tuple[str, bool], ...]:
    names = {name.lower(): name for name, kind in properties.items() if kind != "list"}
    found = []
    for part in text.split(",") if text.strip() else ():
        words = part.split()
        if not 1 <= len(words) <= 2 or words[0].lower() not in names or words[-1].lower() in (",",):
            raise ODataError(
                f"$orderby takes a property and asc or desc; known are: {', '.join(sorted(names.values()))}."
            )
        direction = words[1].lower() if len(words) == 2 else "asc"
        if direction not in ("asc", "desc"):
            raise ODataError("$orderby: after a property comes asc or desc.")
        found.append((names[words[0].lower()], direction == "desc"))
    if len(found) > 5:
        raise ODataError("$orderby takes at most five properties.")
    return tuple(found)


def _order_key(name: str) -> Callable[[Row], tuple[bool, Any]]:
    """A value that is not known comes before all others, as in OData."""
    get = operator.itemgetter(name)

    def key(row: Row) -> tuple[bool, Any]:
        value = get(row)
        return (value is not None, value.casefold() if isinstance(value, str) else value)

    return key


def _integer(name: str, value: str, maximum: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 18 and int(value) <= maximum):
        raise ODataError(f"{name} is a whole number from 0 to {maximum:,}, not {shown(value)}.")
    return int(value)


def _flag(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ODataError(f"{name} is true or false, not {shown(value)}.")
    return value.lower() == "true"
