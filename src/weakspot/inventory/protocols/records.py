"""Exports that have one record for each installation on each device: JSON arrays, pages and JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import MAX_DEVICES, Gathering, ReadInventory, as_text, device_named
from weakspot.inventory.protocols.documents import MAX_DEPTH, Document
from weakspot.runtime.errors import TooLarge

Record = dict[str, Any]
MAX_RECORDS = 5_000_000


def first_record(document: Document) -> Record:
    """The first record of a document of any of the forms; empty where it has none."""
    return next((record for record in records(document) if isinstance(record, dict)), {})


def records(document: Document) -> Iterator[Any]:
    """Records of an array, of ``value`` (OData), ``data.affected_items``, ``hits.hits``, or one a line."""
    data = document.json
    if isinstance(data, list):
        yield from data
    elif isinstance(data, dict):
        yield from _in_page(data)
    elif document.text.lstrip()[:1] == "{":
        for line in document.lines[:MAX_RECORDS]:
            if line.strip():
                yield _line(line)


def lowered(record: Any) -> Record:
    """A record with its names in lower case and without underscores: exports of one service differ in them."""
    if not isinstance(record, dict):
        return {}
    return {str(name).replace("_", "").lower(): value for name, value in record.items()}


def by_device(
    found: Iterable[tuple[str, str, OperatingSystem, Callable[[Gathering], None]]], file_name: str
) -> list[ReadInventory]:
    """(key, device name, system, what adds the record) of every record, gathered by key in their order."""
    gathered: dict[str, tuple[str, OperatingSystem, Gathering]] = {}
    for key, name, system, add in found:
        if key not in gathered and len(gathered) >= MAX_DEVICES:
            raise TooLarge(f"{file_name} names more than {MAX_DEVICES:,} devices; split it.")
        kept = gathered.setdefault(key, (name, system, Gathering()))
        add(kept[2])
    return [gathering.inventory(device_named(name, system)) for name, system, gathering in gathered.values()]


def refusal(record: Any, reason: str) -> Callable[[Gathering], None]:
    """Adds nothing, and says why."""
    known = lowered(record)

    def add(gathering: Gathering) -> None:
        gathering.refuse(as_text(known.get("softwarename") or known.get("name")), "", reason)

    return add


def _in_page(data: Record) -> Iterator[Any]:
    inner = data.get("data")
    hits = data.get("hits")
    for rows in (
        data.get("value"),
        inner.get("affected_items") if isinstance(inner, dict) else None,
        hits.get("hits") if isinstance(hits, dict) else None,
    ):
        if isinstance(rows, list):
            yield from rows
            return
    yield data


def _line(line: str) -> Any:
    try:
        return msgspec.json.decode(line) if line.count("{") + line.count("[") < MAX_DEPTH * 50 else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
