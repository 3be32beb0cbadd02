"""weakspot.workflows.check."""

from __future__ import annotations

import sqlalchemy as sa

from tests.support.world import World, advisory, debian, dpkg
from weakspot import workflows


def filled(world: World) -> None:
    """A device with a weakness."""
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))


def test_what_runs_is_what_follows(world: World) -> None:
    filled(world)
    found = workflows.check(world.services, world.follower)
    assert found.is_exact
    assert found.differences == []
    assert set(found.parts) == {
        "vulnerabilities", "matches", "settings", "labels", "detections", "fleet", "active scores",
    }  # fmt: skip
    alone = {"vulnerabilities", "matches", "settings", "labels", "detections"}
    assert set(workflows.check(world.services, None).parts) == alone


def test_a_difference_is_found_told_and_mended(world: World) -> None:
    filled(world)
    world.clock.forward(seconds=1)
    world.database.write(lambda conn: conn.execute(sa.text("UPDATE matching_match SET fixed_version = '0'")).rowcount)
    found = workflows.check(world.services, world.follower)
    assert not found.is_exact
    assert found.parts["matches"] == 2
    assert all(line.startswith("matches: ") for line in found.differences)
    assert workflows.rebuild(world.services, world.clock.at) == 1
    world.catch_up()
    assert workflows.check(world.services, world.follower).is_exact


def test_a_rebuild_of_what_is_right_changes_nothing(world: World) -> None:
    filled(world)
    world.clock.forward(seconds=1)
    assert workflows.rebuild(world.services, world.clock.at) == 0
