from __future__ import annotations

import numpy as np
import pytest
from pyroaring import BitMap

from tests.unit.queries.fleet import SmallFleet
from weakspot.queries.base import ListQuery, ListShape
from weakspot.queries.lens import Lens, cut, find_device, ids_of
from weakspot.runtime.errors import NotFound

SHAPE = ListShape(filters={}, sorts=("id",), default_sort="id")


def test_devices_are_those_of_the_scopes_groups(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        every, servers, nobody = (
            Lens(read, scope).devices_in_scope().tolist()
            for scope in (fleet.everything, fleet.only_servers, fleet.nobody)
        )
    assert every == sorted([fleet.web.id, fleet.mail.id, fleet.desk.id])
    assert servers == sorted([fleet.web.id, fleet.mail.id])
    assert nobody == []


def test_a_hidden_device_is_found_by_nobody_outside_its_group(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        assert find_device(Lens(read, fleet.only_office), fleet.desk.public_id.upper()).name == "desk"
        with pytest.raises(NotFound):
            find_device(Lens(read, fleet.only_servers), fleet.desk.public_id)


def test_rows_are_made_of_one_page_alone() -> None:
    asked: list[int] = []

    def rows(ids: object) -> list[str]:
        asked.extend(ids)  # type: ignore[arg-type]
        return [str(one) for one in ids]  # type: ignore[attr-defined]

    query = SHAPE.check(ListQuery(page=2, page_size=3))
    page = cut(np.arange(10), query, shape=SHAPE, noun="Things", rows=rows)
    assert (page.items, page.total, asked) == (["3", "4", "5"], 10, [3, 4, 5])
    assert cut(np.arange(2), query, shape=SHAPE, noun="Things", rows=rows).items == []


def test_members_of_a_bitmap_ascend() -> None:
    assert ids_of(BitMap([70_000, 3])).tolist() == [3, 70_000]
    assert ids_of(BitMap()).tolist() == []
