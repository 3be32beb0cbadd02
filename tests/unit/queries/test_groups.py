from __future__ import annotations

from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import groups


def test_only_groups_of_the_scope_with_their_counts(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        every = {row.name: row.devices for row in groups.visible(read, fleet.everything)}
        servers = groups.visible(read, fleet.only_servers)
        nothing = groups.visible(read, fleet.nobody)
    assert every == {"Servers": 2, "Office": 1, "Ungrouped devices": 0}
    assert [(row.id, row.devices) for row in servers] == [(fleet.servers, 2)]
    assert nothing == []
