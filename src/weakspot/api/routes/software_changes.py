"""Software changes across the fleet: the list for people, and the feed of all that are kept."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, MAXIMUM_ID, Asked, list_parameters
from weakspot.api.operation import Operation, Parameter
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import software_changes
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.software_changes import ChangeFeed, FeedQuery, FleetChangeRow

LIST = Operation(
    id="listSoftwareChanges",
    summary="What was installed, updated and removed in the fleet: of the newest 2,000 reports that changed something",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[FleetChangeRow],
    parameters=list_parameters(software_changes.SHAPE, "software and device names", words.FILTERS),
)


def _number(name: str, text: str, minimum: int, maximum: int = MAXIMUM_ID) -> Parameter:
    return Parameter(name=name, description=text, kind="integer", minimum=minimum, maximum=maximum)


def _only(name: str, values: tuple[str, ...] | None = None) -> Parameter:
    return Parameter(name=name, description=words.FILTERS[name], values=values, is_repeatable=True)


FEED = Operation(
    id="followSoftwareChanges",
    summary="All changes of software that are kept, from any position or moment in either direction",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=ChangeFeed,
    parameters=(
        _number("before", "Older than this position, newest first; without it, after and since: from the newest.", 0),
        _number("after", "Newer than this position, oldest first: so that nothing is missed when asked again.", 0),
        Parameter(name="since", description="From this day (2026-01-31) or moment on, oldest first."),
        _number("limit", "At most so many reports are told of (100).", 1, software_changes.MOST_REPORTS),
        _only("change", software_changes.SHAPE.filters["change"]),
        Parameter(name="software", description="Only changes of this software (id).", is_repeatable=True),
        _only("device"),
        GROUPS,
    ),
)


def _feed(read: ReadContext, scope: Scope, asked: Asked) -> ChangeFeed:
    values, filters = asked.values, asked.query.filters
    query = FeedQuery(
        before=int(values["before"]) if "before" in values else None,
        after=int(values["after"]) if "after" in values else None,
        since=values.get("since", ""),
        change=filters.get("change", ()),
        software=filters.get("software", ()),
        device=filters.get("device", ()),
        reports=int(values.get("limit", software_changes.DEFAULT_REPORTS)),
    )
    return software_changes.feed(read, scope, query)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[FleetChangeRow]:
    return software_changes.page(read, scope, asked.query)


ROUTES = (read_route("/software-changes", LIST, _list), read_route("/software-changes/feed", FEED, _feed))
