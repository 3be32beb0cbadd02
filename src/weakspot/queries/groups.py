"""Device groups that the caller may see."""

from __future__ import annotations

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import GroupRow


def visible(read: ReadContext, scope: Scope) -> list[GroupRow]:
    """Groups of the scope, highest rank first, with their counted devices."""
    view = read.fleet.view()
    return [
        GroupRow(
            id=group.id,
            name=group.name,
            devices=len(view.scope_bitmap(scope.narrowed(frozenset([group.id])))),
        )
        for group in inventory.groups(read.conn)
        if scope.includes(group.id)
    ]
