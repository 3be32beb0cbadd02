"""The feed of software changes across the fleet."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import Asked, list_parameters
from weakspot.api.operation import Operation
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import software_changes
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.software_changes import FleetChangeRow

LIST = Operation(
    id="listSoftwareChanges",
    summary="What was installed, updated and removed in the fleet, newest first",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[FleetChangeRow],
    parameters=list_parameters(software_changes.SHAPE, "software and device names", words.FILTERS),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[FleetChangeRow]:
    return software_changes.page(read, scope, asked.query)


ROUTES = (read_route("/software-changes", LIST, _list),)
