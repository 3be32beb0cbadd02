"""Software changes across the fleet: installed, updated, removed, by which report.

``page`` is the list for people: the newest ones, in any order. ``feed`` has all that are kept, from any position in
either direction, at a cost that depends on neither how many there are nor how far back one is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from pyroaring import BitMap

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.inventory import history
from weakspot.inventory.contracts import Software, SoftwareVersion
from weakspot.inventory.history import RecordedChange
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import natural
from weakspot.queries.contracts import Page, SoftwareReference
from weakspot.queries.device_software import Change, paired
from weakspot.queries.lens import Lens
from weakspot.queries.rows import reference
from weakspot.runtime.clock import DAY, Micros, from_iso, to_iso
from weakspot.runtime.errors import BadQuery

SHAPE = ListShape(
    filters={"change": ("installed", "updated", "removed"), "days": ("1", "7", "30"), "software": None},
    sorts=("at", "name", "device"),
    default_sort="-at",
)
DEFAULT_DAYS = 7
NEWEST_REPORTS = 2_000
"""So many reports that changed something the list for people shows, newest first; ``feed`` has the others."""
MOST_REPORTS = 500
DEFAULT_REPORTS = 100


class FleetChangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One change on one device."""

    at: str
    recorded_at: str
    device_id: str
    device_name: str
    change: Literal["installed", "updated", "removed"]
    software: SoftwareReference
    version: str
    previous_version: str | None
    source: str
    report_id: str | None


class ChangeFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the feed, in its direction. position: to be asked for next, as ``before`` or ``after``; also where the
    filters let nothing through. is_end: nothing is left in that direction now."""

    items: list[FleetChangeRow]
    position: int
    is_end: bool


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which part. before: older than this position, newest first (None: from the newest). after: newer than this one,
    oldest first. since: begin where this moment is, oldest first. At most one of the three.

    change, software, device: only of these (empty: all); reports: at most so many reports are told of.
    """

    before: int | None = None
    after: int | None = None
    since: str = ""
    change: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    reports: int = DEFAULT_REPORTS


class _Step(msgspec.Struct, frozen=True):
    report: RecordedChange
    change: Change


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[FleetChangeRow]:
    """Changes of the last days on devices of the scope, of at most the 2,000 newest reports that changed something."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    days = max((int(one) for one in query.filters.get("days") or ()), default=DEFAULT_DAYS)
    here = BitMap(lens.devices_in_scope().tolist())
    reports = history.newest(read.conn, read.now - days * DAY, NEWEST_REPORTS, device_ids=here)
    versions, known, names = _facts(lens, reports)
    items = [step for step in _steps(reports, versions) if _passes(step, known, names, query)]
    keys: dict[str, Callable[[_Step], Any]] = {
        "at": lambda one: one.report.recorded_at,
        "name": lambda one: natural(known[one.change.software_id].name),
        "device": lambda one: natural(names[one.report.device_id]),
    }

    return paged(
        items,
        query,
        shape=SHAPE,
        noun="Software changes",
        key=keys[query.sort.removeprefix("-")],
        tie=lambda one: (-one.report.id, natural(known[one.change.software_id].name), one.change.shown.id),
        rows=lambda chosen: _rows(read, chosen, names, known),
    )


def feed(read: ReadContext, scope: Scope, query: FeedQuery) -> ChangeFeed:
    """One part of all changes that are kept, on devices of the scope. Raises BadQuery."""
    if sum(one is not None for one in (query.before, query.after)) + bool(query.since) > 1:
        raise BadQuery("Give one of before, after and since.", field="since")
    lens = Lens(read, scope)
    here = BitMap(lens.devices_in_scope().tolist())
    if query.device:
        found = (inventory.device_id_of(read.conn, one) for one in query.device)
        here &= BitMap(one for one in found if one is not None)
    if query.after is not None or query.since:
        start = query.after if query.after is not None else history.position_at(read.conn, _moment(query.since)) - 1
        stretch = history.newer(read.conn, start, query.reports, device_ids=here)
    else:
        stretch = history.older(read.conn, query.before, query.reports, device_ids=here)
    versions, known, names = _facts(lens, stretch.changes)
    wanted = ListQuery(filters={"change": query.change, "software": query.software})
    steps = [step for step in _steps(stretch.changes, versions) if _passes(step, known, names, wanted)]
    return ChangeFeed(items=_rows(read, steps, names, known), position=stretch.position, is_end=stretch.is_end)


def _facts(
    lens: Lens, reports: Sequence[RecordedChange]
) -> tuple[Mapping[int, SoftwareVersion], Mapping[int, Software], Mapping[int, str]]:
    """Software versions, software and device names that the reports speak of, each by id."""
    versions = inventory.software_versions(lens.conn, {v for one in reports for v in (*one.added, *one.removed)})
    known = lens.memory.software(lens.read, {one.software_id for one in versions.values()})
    listed = lens.device_columns().listed
    return versions, known, {one: listed[one].name for one in {report.device_id for report in reports}}


def _moment(text: str) -> Micros:
    try:
        return from_iso(text)
    except ValueError:
        raise BadQuery("'since' is a day as 2026-01-31 or a time with a zone.", field="since") from None


def _steps(reports: Sequence[RecordedChange], versions: Mapping[int, SoftwareVersion]) -> Iterator[_Step]:
    for report in reports:
        grouped: dict[tuple[Micros, int, str], tuple[list[SoftwareVersion], list[SoftwareVersion]]] = {}
        for side, ids in ((0, report.removed), (1, report.added)):
            for one in ids:
                version = versions[one]
                key = report.observed_at, version.software_id, version.architecture
                grouped.setdefault(key, ([], []))[side].append(version)
        for key, (went, came) in grouped.items():
            for change in paired(key, went, came):
                yield _Step(report, change)


def _passes(step: _Step, known: Mapping[int, Software], names: Mapping[int, str], query: ListQuery) -> bool:
    software = known[step.change.software_id]
    kinds, wanted = query.filters.get("change") or (), query.filters.get("software") or ()
    if (kinds and step.change.kind not in kinds) or (wanted and software.public_id not in wanted):
        return False
    text = query.search.casefold().strip()
    return text in software.name.casefold() or text in names[step.report.device_id].casefold()


def _rows(
    read: ReadContext, chosen: Sequence[_Step], names: Mapping[int, str], known: Mapping[int, Software]
) -> list[FleetChangeRow]:
    devices = {one.id: one for one in inventory.devices(read.conn, {step.report.device_id for step in chosen})}
    return [_row(step, devices[step.report.device_id].public_id, names, known) for step in chosen]


def _row(step: _Step, public_id: str, names: Mapping[int, str], known: Mapping[int, Software]) -> FleetChangeRow:
    report, change = step.report, step.change
    return FleetChangeRow(
        at=to_iso(report.observed_at),
        recorded_at=to_iso(report.recorded_at),
        device_id=public_id,
        device_name=names[report.device_id],
        change=change.kind,
        software=reference(known[change.software_id]),
        version=change.shown.version,
        previous_version=change.before.version if change.before and change.after else None,
        source=report.source,
        report_id=report.report_id or None,
    )
