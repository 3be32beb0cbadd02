"""Lists as CSV (RFC 4180): flat columns, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def encode(items: Iterable[msgspec.Struct], row_type: Any) -> bytes:
    """Rows as CSV with a header line, from structs of one type.

    A nested object becomes columns ``outer.inner``; a list becomes one cell, its parts joined by ``; ``. Text
    that a spreadsheet would run as a formula gets an apostrophe in front; numbers are left alone.
    """
    columns = _columns(row_type)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for item in items:
        flat = dict(_flatten("", msgspec.to_builtins(item)))
        writer.writerow([_cell(flat.get(column)) for column in columns])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8", "replace")


def _columns(row_type: Any, prefix: str = "") -> list[str]:
    names: list[str] = []
    for field in msgspec.structs.fields(row_type):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            names += _columns(field.type, f"{prefix}{field.encode_name}.")
        else:
            names.append(prefix + field.encode_name)
    return names


def _flatten(prefix: str, document: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _flatten(f"{prefix}{name}.", value)
        else:
            yield prefix + name, value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = "; ".join(_part(part) for part in value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _part(part: Any) -> str:
    return str(part.get("name", part)) if isinstance(part, dict) else str(part)
