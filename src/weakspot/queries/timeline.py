"""The Event timeline page: what changed the risk of the scope, and how far it reached then and now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import msgspec
from pyroaring import BitMap

from weakspot import intel, inventory, recommendations, timeline
from weakspot.access.contracts import Scope
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.checks import CheckReader
from weakspot.queries.columns import search_form
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens, find_device
from weakspot.queries.periods import PERIODS, day
from weakspot.runtime.clock import DAY, Micros, to_iso
from weakspot.timeline import EXPLOIT_EVENTS, MAIN, Event, EventType

Trend = Literal["up", "down", "none"]
SHAPE = ListShape(
    filters={
        "event": get_args(EventType),
        "impacted": ("1", "5", "10", "25", "50"),
        "product": None,
        "software": None,
        "device": None,
        "weakness": None,
        "period": ("7d", "30d", "3m", "6m", "12m", "all"),
    },
    sorts=("at", "originally_impacted"),
    default_sort="-at",
)
TOP_EVENTS = 3
TOP_DAYS = 7
NAMED = 20
SMALLEST_CHANGE = 1e-6


class ImpactedDevices(msgspec.Struct, frozen=True, kw_only=True):
    """Devices of the scope that an event concerns; ``share`` 0-1 of all that count there."""

    devices: int
    share: float


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``component``: the product; ``recommendation_id``: what can be done about it now, or null."""

    id: int
    at: str
    type: EventType
    text: str
    component: str
    product: str
    recommendation_id: str | None
    vulnerabilities: list[str]
    vulnerability_count: int
    originally_impacted: ImpactedDevices
    currently_impacted: ImpactedDevices
    score_trend: Trend
    score_change: float | None
    """Points of the organisation's score because of it; null where it was not worked out."""


class TimelineSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Headline numbers of a period: vulnerabilities, not events (spec/features.md 12)."""

    since: str
    until: str
    new_vulnerabilities: int
    exploitable_vulnerabilities: int
    top_events: list[EventRow]
    """Up to three of the last seven days, by how many devices they impacted."""


def page(
    read: ReadContext, scope: Scope, query: ListQuery, since: str | None = None, until: str | None = None
) -> Page[EventRow]:
    """Events of the scope, newest first; without a filter those of the main types. Raises BadQuery for a wrong day."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    start, end = _period(lens, query, since, until)
    found = [one for one in _selected(lens, query, start, end) if _passes(lens, one, query)]
    if query.sort.endswith("originally_impacted"):
        found.sort(key=lambda one: _original(lens, one).devices, reverse=query.sort.startswith("-"))
    elif query.sort == "at":
        found.reverse()
    first = (query.page - 1) * query.page_size
    return Page(
        items=rows(lens, found[first : first + query.page_size]),
        total=len(found),
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        described=SHAPE.describe("Events", query),
    )


def summary(read: ReadContext, scope: Scope, since: str | None = None, until: str | None = None) -> TimelineSummary:
    """The headline numbers of a period (the last 30 days unless given) and the top events of the last seven."""
    lens = Lens(read, scope)
    start, end = _period(lens, ListQuery(), since, until)
    found = [one for one in timeline.between(lens.conn, start, end, MAIN) if _original(lens, one).devices]
    fresh = {one for event in found if _is_new(event) for one in event.vulnerabilities}
    exploited = {one for event in found if event.type in EXPLOIT_EVENTS for one in event.vulnerabilities}
    facts = intel.facts(lens.conn, sorted(fresh))
    exploited |= {one for one, known in facts.items() if known.exploit_level not in ("none", "proof_of_concept")}
    recent = timeline.between(lens.conn, lens.now - TOP_DAYS * DAY, lens.now + 1, MAIN[:4])
    top = sorted(recent, key=lambda one: (-_original(lens, one).devices, -one.at))[:TOP_EVENTS]
    return TimelineSummary(
        since=to_iso(start),
        until=to_iso(end),
        new_vulnerabilities=len(fresh),
        exploitable_vulnerabilities=len(exploited),
        top_events=rows(lens, [one for one in top if _original(lens, one).devices]),
    )


def rows(lens: Lens, events: Sequence[Event]) -> list[EventRow]:
    """Rows in the order given."""
    named = sorted({one for event in events for one in event.vulnerabilities[:NAMED]})
    names = {one: known.name for one, known in intel.facts(lens.conn, named).items()} if named else {}
    catalogue = recommendations.current(lens.conn, lens.read.fleet)
    return [_row(lens, event, names, catalogue) for event in events]


def currently(lens: Lens, event: Event, catalogue: recommendations.Catalogue) -> BitMap:
    """Devices in scope to which one of the event's vulnerabilities applies now, in its product where it names one."""
    if event.type == "new_configuration_assessment":
        state = CheckReader(lens).states.get(event.subject)
        return BitMap() if state is None or not state.is_enabled else state.non_compliant & lens.counted
    product = catalogue.products.get(event.product)
    if event.product and product is None:
        return BitMap()
    versions = None if product is None else frozenset(product.versions)
    return lens.exceptions.carrying(lens.view, event.vulnerabilities, versions) & lens.counted


def _row(lens: Lens, event: Event, names: dict[int, str], catalogue: recommendations.Catalogue) -> EventRow:
    now = currently(lens, event, catalogue)
    # A recommendation is for products that devices in scope have with a fix; its page says so where there is none.
    is_known = event.product in catalogue.products or event.type == "new_configuration_assessment"
    recommended = event.product if is_known and now else None
    return EventRow(
        id=event.id,
        at=to_iso(event.at),
        type=event.type,
        text=timeline.sentence(event.type, event.product_name, len(event.vulnerabilities), event.subject, event.what),
        component=event.product_name,
        product=event.product,
        recommendation_id=recommended,
        vulnerabilities=[names[one] for one in event.vulnerabilities[:NAMED] if one in names],
        vulnerability_count=len(event.vulnerabilities),
        originally_impacted=_original(lens, event),
        currently_impacted=_impacted(len(now), len(lens.counted)),
        score_trend=_trend(event),
        score_change=event.score_change if lens.scope.group_ids is None else None,
    )


def _selected(lens: Lens, query: ListQuery, start: Micros, end: Micros) -> list[Event]:
    types: Sequence[EventType] = query.filters.get("event") or MAIN  # type: ignore[assignment]
    return timeline.between(lens.conn, start, end, types)


def _passes(lens: Lens, event: Event, query: ListQuery) -> bool:
    filters = query.filters
    original = _original(lens, event)
    if event.impacts and not original.devices and event.type not in ("fixed", "new_configuration_assessment"):
        return False  # it concerned no device of the scope
    if event.type in ("exception", "remediation") and lens.scope.group_ids is not None:
        return False  # what was decided may be about other groups
    if (shares := filters.get("impacted")) and original.share * 100 < min(int(one) for one in shares):
        return False
    if (products := filters.get("product")) and event.product not in products:
        return False
    if (software := filters.get("software")) and not _is_of_software(lens, event, software):
        return False
    if (weaknesses := filters.get("weakness")) and not _ids(lens, weaknesses).intersection(event.vulnerabilities):
        return False
    if (devices := filters.get("device")) and not any(_is_of_device(lens, event, one) for one in devices):
        return False
    text = search_form(query.search)
    return not text or text in search_form(f"{event.product} {event.product_name} {event.subject}")


def _is_of_software(lens: Lens, event: Event, public_ids: Iterable[str]) -> bool:
    catalogue = recommendations.current(lens.conn, lens.read.fleet)
    product = catalogue.products.get(event.product)
    wanted = {inventory.software_id_of(lens.conn, one) for one in public_ids}
    if product is not None:
        return not wanted.isdisjoint(product.software_ids)
    carriers = {lens.view.software_of_version(v) for one in event.vulnerabilities for v in lens.view.carriers[one]}
    return not wanted.isdisjoint(carriers)


def _is_of_device(lens: Lens, event: Event, public_id: str) -> bool:
    """Whether the event is about software or vulnerabilities that the device has now."""
    device = find_device(lens, public_id)
    versions = set(inventory.installation_times(lens.conn, device.id))
    product = recommendations.current(lens.conn, lens.read.fleet).products.get(event.product)
    if product is not None and versions.isdisjoint(product.versions):
        return False
    has = lens.view.vulnerabilities_of_versions(versions)
    away = lens.exceptions.missing_feature
    return any(one in has and away(device.id, one) is None for one in event.vulnerabilities)


def _ids(lens: Lens, names: Iterable[str]) -> set[int]:
    return {found for name in names if (found := intel.find(lens.conn, name)) is not None}


def _original(lens: Lens, event: Event) -> ImpactedDevices:
    inside = [one for one in event.impacts if lens.scope.includes(one.group_id)]
    return _impacted(sum(one.impacted for one in inside), sum(one.devices for one in inside))


def _impacted(devices: int, of: int) -> ImpactedDevices:
    return ImpactedDevices(devices=devices, share=devices / of if of else 0.0)


def _trend(event: Event) -> Trend:
    if event.score_change is not None and abs(event.score_change) < SMALLEST_CHANGE:
        return "none"
    if event.type in ("new_vulnerability", "newly_exposed", "regressed", *EXPLOIT_EVENTS, "detection"):
        return "up"
    return "down" if event.type == "fixed" else "none"


def _period(lens: Lens, query: ListQuery, since: str | None, until: str | None) -> tuple[Micros, Micros]:
    end = lens.now + 1 if until is None else day(until, "until") + DAY
    if since is not None:
        return day(since, "since"), end
    named = query.filters.get("period") or ("30d",)
    if "all" in named:
        return 0, end
    return end - max(PERIODS[one] for one in named), end


def _is_new(event: Event) -> bool:
    return event.type == "new_vulnerability" and not event.what
