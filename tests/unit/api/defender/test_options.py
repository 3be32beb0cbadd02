"""Query options of the compatible API and paging over rows."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from weakspot.api.defender import options
from weakspot.api.defender.errors import ODataError
from weakspot.api.defender.filters import Kind

KINDS: dict[str, Kind] = {"id": "word", "cvssV3": "number", "tags": "list"}
ROWS = [{"id": f"CVE-{number}", "cvssV3": None if number % 5 == 0 else number % 4, "tags": []} for number in range(30)]


def ask(query: str, maximum: int = 10) -> options.Options:
    return options.parse(query.encode(), KINDS, maximum)


def ids(page: options.RowPage) -> list[str]:
    return [row["id"] for row in page.rows]


def test_pages_follow_one_another_without_gap() -> None:
    found: list[str] = []
    asked = ask("$filter=cvssV3+ne+99")
    while True:
        page = options.page_of(ROWS, asked, 10)
        found += ids(page)
        if not page.has_more:
            break
        link = options.next_link("http://h/api/vulnerabilities", asked, 10)
        assert parse_qs(urlsplit(link).query)["$filter"] == ["cvssV3 ne 99"]
        asked = ask(urlsplit(link).query)
    assert found == [row["id"] for row in ROWS]


def test_top_and_skip() -> None:
    page = options.page_of(ROWS, ask("$top=3&$skip=4"), 10)
    assert ids(page) == ["CVE-4", "CVE-5", "CVE-6"]
    assert ids(options.page_of(ROWS, ask("$top=0"), 10)) == []
    assert ids(options.page_of(ROWS, ask("$skip=100"), 10)) == []


def test_count_is_of_all_that_pass() -> None:
    page = options.page_of(ROWS, ask("$count=true&$top=1&$filter=cvssV3 eq 1".replace(" ", "%20")), 10)
    assert (page.total, len(page.rows)) == (sum(row["cvssV3"] == 1 for row in ROWS), 1)
    assert options.page_of(ROWS, ask(""), 10).total is None


def test_order_puts_unknown_first_and_is_stable() -> None:
    page = options.page_of(ROWS, ask("$orderby=cvssV3 desc,id".replace(" ", "%20"), 30), 30)
    values = [row["cvssV3"] for row in page.rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert values[-1] is None
    ascending = options.page_of(ROWS, ask("$orderby=cvssV3", 30), 30).rows
    assert ascending[0]["cvssV3"] is None


def test_select_keeps_the_names_of_the_contract() -> None:
    rows = options.selected([dict(ROWS[1])], ("ID", "cvssv3"), KINDS)
    assert rows == [{"id": "CVE-1", "cvssV3": 1}]
    with pytest.raises(ODataError, match="known are"):
        options.selected([], ("secret",), KINDS)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("$top=11", "0 to 10"),
        ("$top=-1", "whole number"),
        ("$top=1e3", "whole number"),
        ("$top=" + "9" * 5000, "whole number"),
        ("$skip=x", "whole number"),
        ("$count=maybe", "true or false"),
        ("$orderby=owner", "known are: cvssV3, id"),
        ("$orderby=tags", "known are"),
        ("$orderby=id%20sideways", "asc or desc"),
        ("$orderby=,", "takes a property"),
        ("$orderby=" + ",".join(["id"] * 6), "at most five"),
        ("$expand=evidence", "Unknown query option"),
        ("$top=1&$TOP=2", "given twice"),
        ("$filter=%ff", "UTF-8"),
        ("$filter=id%00", "control characters"),
        ("&".join(["$top=1"] * 101), "UTF-8"),
    ],
)
def test_refusals_say_why(query: str, reason: str) -> None:
    with pytest.raises(ODataError, match=reason):
        ask(query)


def test_options_of_other_systems_are_ignored() -> None:
    assert ask("api-version=1&sinceTime=x").raw == {}
