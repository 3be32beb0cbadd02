"""The global search: a few devices, software and weaknesses for a text."""

from __future__ import annotations

from weakspot import intel, inventory
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import Device
from weakspot.queries.base import MAX_SEARCH_LENGTH, ListQuery, ReadContext
from weakspot.queries.columns import search_form
from weakspot.queries.contracts import SearchResult
from weakspot.queries.lens import Lens
from weakspot.queries.weaknesses import WHOLE_ID, select
from weakspot.runtime.errors import BadQuery

HITS_OF_A_KIND = 5


def search(read: ReadContext, scope: Scope, text: str) -> list[SearchResult]:
    """Best hits of each kind; devices and software of the scope, weaknesses that are in it before those that are not.

    An empty text finds nothing. Raises BadQuery for a text that is too long.
    """
    if len(text) > MAX_SEARCH_LENGTH:
        raise BadQuery(f"Search for at most {MAX_SEARCH_LENGTH} characters.", field="q")
    if not text.strip():
        return []
    lens = Lens(read, scope)
    return [*_devices(lens, text), *_software(lens, text), *_weaknesses(lens, text)]


def _devices(lens: Lens, text: str) -> list[SearchResult]:
    columns = lens.device_columns()
    wanted = text.casefold().strip()
    ids = lens.devices_in_scope()
    found = ids[columns.haystack.containing(wanted)[columns.positions(ids)]].tolist()
    best = sorted(found, key=lambda one: _closeness(columns.listed[one].name, wanted))[:HITS_OF_A_KIND]
    exact = inventory.device_id_of(lens.conn, wanted) if len(wanted) == 40 else None
    if exact is not None and exact in columns.listed and lens.scope.includes(columns.listed[exact].group_id):
        best = [exact]
    known = {one.id: one for one in inventory.devices(lens.conn, best)}
    return [
        SearchResult(
            kind="device",
            id=known[one].public_id,
            label=known[one].name,
            detail=_system(known[one]),
        )
        for one in best
        if one in known
    ]


def _software(lens: Lens, text: str) -> list[SearchResult]:
    ids, installed, _ = lens.view.software_counts(lens.scope)
    columns = lens.memory.software_columns(lens.read, ids)
    wanted = search_form(text)
    at = columns.positions(ids)
    found = columns.ids[at][columns.haystack.containing(wanted)[at]].tolist()
    devices = dict(zip(ids.tolist(), installed.tolist(), strict=True))
    best = sorted(found, key=lambda one: (*_closeness(columns.listed[one].name, wanted), -devices[one]))
    return [
        SearchResult(
            kind="software",
            id=columns.listed[one].public_id,
            label=columns.listed[one].name,
            detail=f"{columns.listed[one].vendor}, on {_devices_text(devices[one])}",
        )
        for one in best[:HITS_OF_A_KIND]
    ]


def _weaknesses(lens: Lens, text: str) -> list[SearchResult]:
    query = ListQuery(search=text.strip(), sort="-hazard")
    best = select(lens, query, upto=HITS_OF_A_KIND)[:HITS_OF_A_KIND].tolist()
    if not best and WHOLE_ID.fullmatch(text.casefold().strip()):
        named = intel.find(lens.conn, text.strip())
        best = [] if named is None else [named]
    facts = intel.facts(lens.conn, best)
    return [
        SearchResult(
            kind="weakness",
            id=facts[one].name,
            label=facts[one].name,
            detail=f"{facts[one].title} ({_exposed_text(lens.view.count_of_vulnerability(one, lens.scope))})",
        )
        for one in best
        if one in facts
    ]


def _closeness(name: str, wanted: str) -> tuple[bool, bool, int, str]:
    """Exact names first, then those that begin with the text, then short ones."""
    folded = name.casefold()
    return folded != wanted, not folded.startswith(wanted), len(folded), folded


def _system(device: Device) -> str:
    parts = (device.os_distribution or device.os_platform, device.os_version)
    return " ".join(part for part in parts if part)


def _devices_text(count: int) -> str:
    return "1 device" if count == 1 else f"{count:,} devices"


def _exposed_text(count: int) -> str:
    return f"{_devices_text(count)} exposed" if count else "no device exposed"
