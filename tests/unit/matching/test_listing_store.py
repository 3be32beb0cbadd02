from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World, advisory, debian, dpkg
from weakspot import inventory, matching


@pytest.fixture
def world(tmp_path: Path, dialect: str):
    made = World(tmp_path)
    yield made
    made.close()


def test_tells_open_and_ended_matches_without_weak_ones(world: World) -> None:
    device = world.enrol("box")
    fixable = advisory("CVE-2099-0001", debian("bash", fixed="6-1"))
    weak = advisory("CVE-2099-0002", debian("bash", status="unimportant"))
    world.know("osv", fixable, weak, advisory("CVE-2099-0003", debian("bash")))
    world.report(device, dpkg("bash", "5-1"))
    began = world.clock.at
    world.clock.forward(days=1)
    world.know("osv", fixable, weak)
    with world.database.read() as conn:
        (version,) = inventory.installation_times(conn, device.id)
        found = matching.intervals(conn, [version])
        first = min(one.vulnerability_id for one in found if one.until is None)
        narrowed = matching.intervals(conn, [version], [first])
        columns = list(matching.open_columns(conn, None))
        of_one = list(matching.open_columns(conn, [version]))
        of_none = list(matching.open_columns(conn, [version + 1]))
        between = matching.matches_between(conn, [version], first)
    told = {(one.since, one.until, one.fixed_version) for one in found}
    assert told == {(began, None, "6-1"), (began, world.clock.at, None)}
    assert [one.vulnerability_id for one in narrowed] == [first]
    assert columns == of_one == [(version, first, began, True)]
    assert of_none == []
    assert [(one.vulnerability_id, one.confidence) for one in between] == [(first, 100)]
