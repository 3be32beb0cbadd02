"""Making device groups."""

from __future__ import annotations

import sqlalchemy as sa

from tests.unit.inventory.support import START, Inventory
from weakspot import inventory
from weakspot.inventory import labels
from weakspot.inventory.rules.grouping import MatchingRule
from weakspot.inventory.tables import UNGROUPED_ID, device_group


def test_new_groups_stand_before_the_default_one_whose_rank_is_the_largest_there_is(inv: Inventory) -> None:
    """As the first migration makes it; one more is no integer of PostgreSQL's."""

    def unit(conn: sa.Connection) -> list[int]:
        conn.execute(device_group.update().where(device_group.c.id == UNGROUPED_ID).values(rank=2**31 - 1))
        return [labels.create_group(conn, name, "", MatchingRule(), START) for name in ("Hall", "Yard")]

    hall, yard = inv.write(unit)
    ranks = {one.id: one.rank for one in inv.read(inventory.groups)}
    assert ranks == {hall: 1, yard: 2, UNGROUPED_ID: 2**31 - 1}
