"""CSV: flat, complete, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io

import msgspec

from weakspot.api.csv_export import encode


class Inner(msgspec.Struct):
    id: str
    name: str


class Row(msgspec.Struct):
    name: str
    score: float | None
    is_known: bool
    inner: Inner
    parts: list[Inner]
    tags: list[str]


def rows(*items: Row) -> list[list[str]]:
    text = encode(items, Row).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_header_even_without_rows() -> None:
    assert rows() == [["name", "score", "is_known", "inner.id", "inner.name", "parts", "tags"]]


def test_nested_values_and_unknown_ones() -> None:
    row = Row('a,"b"\nc', None, True, Inner("1", "one"), [Inner("2", "two"), Inner("3", "three")], ["x", "y"])
    assert rows(row)[1] == ['a,"b"\nc', "", "true", "1", "one", "two; three", "x; y"]


def test_text_is_never_a_formula_and_numbers_stay_numbers() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\tx"):
        assert rows(Row(text, -1.5, False, Inner("=2", "n"), [], ["=3"]))[1] == [
            f"'{text}", "-1.5", "false", "'=2", "n", "", "'=3",
        ]  # fmt: skip
