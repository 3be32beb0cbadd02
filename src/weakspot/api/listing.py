"""From a query string to what a read model is asked: bounded, every parameter known, every error named."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from weakspot.api.operation import Operation, Parameter
from weakspot.queries.base import (
    DEFAULT_PAGE_SIZE,
    EXPORT_ROWS,
    MAX_PAGE_SIZE,
    MAX_SEARCH_LENGTH,
    ListQuery,
    ListShape,
)
from weakspot.runtime.errors import BadQuery

MAXIMUM_QUERY_BYTES = 8_192
MAXIMUM_PARAMETERS = 100
MAXIMUM_VALUES = 200
MAXIMUM_PAGE = 1_000_000
MAXIMUM_ID = 2**53

GROUPS = Parameter(
    name="groups",
    description="Only these device groups (ids, comma-separated), inside what the caller may see.",
    is_repeatable=True,
)
COMMON = (
    Parameter(name="page", description="Page, from 1.", kind="integer", default=1, minimum=1, maximum=MAXIMUM_PAGE),
    Parameter(
        name="page_size",
        description="Rows a page.",
        kind="integer",
        default=DEFAULT_PAGE_SIZE,
        minimum=1,
        maximum=MAX_PAGE_SIZE,
    ),
    Parameter(
        name="format",
        description=f"csv exports all rows (at most {EXPORT_ROWS:,}) instead of one page.",
        values=("json", "csv"),
        default="json",
    ),
    GROUPS,
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the routes see it: values of the path, single values of the query, and the list query
    where it is one.
    """

    path: dict[str, str]
    values: dict[str, str]
    groups: frozenset[int] | None
    is_csv: bool
    query: ListQuery


def search_parameter(what: str) -> Parameter:
    """``search``: free text over some columns."""
    return Parameter(name="search", description=f"Text to find in {what} (at most {MAX_SEARCH_LENGTH} characters).")


def sort_parameter(columns: tuple[str, ...], default: str) -> Parameter:
    """``sort``: one of the columns, either direction."""
    values = columns + tuple(f"-{column}" for column in columns)
    return Parameter(name="sort", description="Column; '-' in front sorts descending.", values=values, default=default)


def list_parameters(shape: ListShape, searched: str, filters: Mapping[str, str]) -> tuple[Parameter, ...]:
    """All parameters of a list, from what its read model offers; ``filters`` describes each filter in a
    sentence.
    """
    return (
        search_parameter(searched),
        *(
            Parameter(
                name=name,
                description=filters[name],
                values=values,
                is_repeatable=True,
                is_verbatim=name in shape.verbatim,
            )
            for name, values in shape.filters.items()
        ),
        sort_parameter(shape.sorts, shape.default_sort),
        *COMMON,
    )


def parse(operation: Operation, query_string: bytes, path: dict[str, str]) -> Asked:
    """Raises BadQuery for whatever is unknown, repeated, out of bounds or not UTF-8; the text lists what
    is known.
    """
    declared = {parameter.name: parameter for parameter in operation.parameters}
    given = _collect(declared, query_string)
    for name, values in given.items():
        _check(declared[name], values)
    has_groups = "groups" in given
    groups = frozenset(_integer("groups", value, 0, MAXIMUM_ID) for value in given.pop("groups", ()))
    single = {name: values[0] for name, values in given.items() if not declared[name].is_repeatable and values}
    is_csv = single.get("format") == "csv"
    query = ListQuery(
        search=single.get("search", ""),
        filters={name: values for name, values in given.items() if declared[name].is_repeatable and values},
        sort=single.get("sort", ""),
        page=1 if is_csv else int(single.get("page", 1)),
        page_size=EXPORT_ROWS if is_csv else int(single.get("page_size", DEFAULT_PAGE_SIZE)),
    )
    return Asked(path=path, values=single, groups=groups if has_groups else None, is_csv=is_csv, query=query)


def _collect(declared: dict[str, Parameter], query_string: bytes) -> dict[str, tuple[str, ...]]:
    if len(query_string) > MAXIMUM_QUERY_BYTES:
        raise BadQuery(f"The query string is over {MAXIMUM_QUERY_BYTES:,} bytes; ask for less at once.")
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAXIMUM_PARAMETERS,
        )
    except (UnicodeDecodeError, ValueError):
        raise BadQuery(
            f"The query string must be percent-encoded UTF-8 with at most {MAXIMUM_PARAMETERS} parts."
        ) from None
    given: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise BadQuery(f"Unknown parameter {shown(name)}; known here are: {known}.", field=name[:40])
        if not value.isprintable():
            raise BadQuery(f"The value of {name!r} has control characters; leave them out.", field=name)
        parameter = declared[name]
        if name in given and not parameter.is_repeatable:
            raise BadQuery(f"Parameter {name!r} is given twice; give it once.", field=name)
        splits = parameter.is_repeatable and not parameter.is_verbatim
        parts = tuple(part for part in value.split(",") if part) if splits else (value,)
        given[name] = given.get(name, ()) + parts
        if len(given[name]) > MAXIMUM_VALUES:
            raise BadQuery(f"Parameter {name!r} takes at most {MAXIMUM_VALUES} values.", field=name)
    return given


def _check(parameter: Parameter, values: tuple[str, ...]) -> None:
    for value in values:
        if parameter.kind == "integer":
            _integer(parameter.name, value, parameter.minimum or 0, parameter.maximum or MAXIMUM_ID)
        elif parameter.values is not None and value not in parameter.values:
            known = ", ".join(parameter.values)
            raise BadQuery(f"{parameter.name!r} cannot be {shown(value)}; use one of: {known}.", field=parameter.name)
        elif len(value) > MAX_SEARCH_LENGTH:
            raise BadQuery(f"{parameter.name!r} has at most {MAX_SEARCH_LENGTH} characters.", field=parameter.name)


def _integer(name: str, value: str, minimum: int, maximum: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 18 and minimum <= int(value) <= maximum):
        raise BadQuery(f"{name!r} is a whole number from {minimum} to {maximum}, not {shown(value)}.", field=name)
    return int(value)


def shown(text: str) -> str:
    """Foreign text inside one of our sentences: quoted, short, without control characters."""
    return repr(text[:40] + ("…" if len(text) > 40 else ""))
