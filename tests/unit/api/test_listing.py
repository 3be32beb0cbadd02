"""Query strings: every parameter known, bounded and told about."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.api.listing import MAXIMUM_QUERY_BYTES, Asked, parse
from weakspot.api.routes.weaknesses import LIST
from weakspot.queries.base import EXPORT_ROWS
from weakspot.runtime.errors import BadQuery


def ask(query: str) -> Asked:
    return parse(LIST, query.encode("latin-1"), {})


def test_defaults() -> None:
    asked = ask("")
    assert (asked.query.page, asked.query.page_size, asked.query.sort, asked.query.filters) == (1, 30, "", {})
    assert (asked.groups, asked.is_csv) == (None, False)


def test_filters_repeat_or_take_commas() -> None:
    expected = {"severity": ("Critical", "High"), "software": ("debian-_-openssl",)}
    assert ask("severity=Critical&severity=High&software=debian-_-openssl").query.filters == expected
    assert ask("severity=Critical,High&software=debian-_-openssl").query.filters == expected


def test_groups_narrow_even_when_empty() -> None:
    assert ask("groups=1,2&groups=3").groups == frozenset({1, 2, 3})
    assert ask("groups=").groups == frozenset()
    assert ask("group%73=4").groups == frozenset({4})


def test_csv_asks_for_everything() -> None:
    asked = ask("format=csv&page=7&page_size=50")
    assert (asked.is_csv, asked.query.page, asked.query.page_size) == (True, 1, EXPORT_ROWS)


def test_search_takes_any_printable_text() -> None:
    assert ask("search=na%C3%AFve+%26+more").query.search == "naïve & more"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("colour=red", "known here are: detection, epss, exploit, exposed"),
        ("severity=Awful", "use one of: Critical"),
        ("page=0", "from 1 to"),
        ("page=1.5", "whole number"),
        ("page=-1", "whole number"),
        ("page=" + "9" * 400, "whole number"),
        ("page=\xb2", "UTF-8"),
        ("page_size=501", "from 1 to 500"),
        ("page=1&page=2", "given twice"),
        ("groups=one", "whole number"),
        ("search=%ff", "UTF-8"),
        ("search=a%00b", "control characters"),
        ("search=a%0Ab", "control characters"),
        ("search=" + "x" * 201, "at most 200"),
        ("sort=password", "use one of: name"),
        ("format=xml", "json, csv"),
        ("&".join(f"severity=High{n}" for n in range(101)), "100 parts"),
        ("groups=" + ",".join(["1"] * 201), "at most 200 values"),
        ("search=" + "x" * MAXIMUM_QUERY_BYTES, "bytes"),
    ],
)
def test_refusals_say_what_is_allowed(query: str, reason: str) -> None:
    with pytest.raises(BadQuery, match=reason):
        ask(query)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_query_or_a_bad_query(query: bytes) -> None:
    with contextlib.suppress(BadQuery):
        parse(LIST, query, {})
