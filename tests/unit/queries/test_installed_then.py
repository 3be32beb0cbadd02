"""Sets of devices at a past moment."""

from __future__ import annotations

import numpy as np
from pyroaring import BitMap

from tests.support.world import World, dpkg
from weakspot.queries.installed_then import InstalledThen, by_version, columns


def test_pairs_become_sets() -> None:
    found = by_version(np.array([5, 3, 5]), np.array([1, 1, 2]))
    assert found == {1: BitMap([3, 5]), 2: BitMap([5])}
    assert [len(one) for one in columns([])] == [0, 0, 0]


def test_what_came_is_taken_off_and_what_went_is_put_on(world: World) -> None:
    one, two = world.enrol("one"), world.enrol("two")
    world.report(one, dpkg("zlib", "1.0-1"))
    world.report(two, dpkg("zlib", "1.0-1"))
    begun = world.clock.at
    (version,) = [number for number, devices in world.fleet.view().installed.items() if devices]
    later = world.clock.forward(days=1)
    world.report(one)
    latest = world.clock.forward(days=1)
    world.report(one, dpkg("zlib", "1.0-1"))
    with world.read() as read:
        for view in (None, world.fleet.view()):
            then = InstalledThen(read.conn, None, begun - 1, view)
            asked = np.array([version])
            expected = {begun - 1: set(), begun: {one.id, two.id}, later: {two.id}, latest: {one.id, two.id}}
            assert {at: set(then.at(at, asked)[version]) for at in expected} == expected
            assert set(InstalledThen(read.conn, BitMap([two.id]), later, view).at(later, asked)[version]) == {two.id}
            assert set(then.ended_within(begun, later)) == {one.id}
