"""A fleet that was loaded at once is what reports would have left, also for a follower that runs meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World
from weakspot import inventory, posture, scoring, simulate, workflows
from weakspot.access import Scope
from weakspot.inventory import settings
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Agent, Wire

SECRET = b"of this test"
DEVICES = 12


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_a_loaded_fleet_is_followed_and_goes_on_with_deltas(world: World) -> None:
    population = Population(5, DEVICES, Catalogue(5, size=400), per_device=20)
    assert simulate.load(world.services, population, SECRET, now=world.clock.at) == DEVICES
    world.catch_up()
    assert len(world.fleet.scope_bitmap(Scope(None))) == DEVICES
    assert world.follower.compare() == []
    assert workflows.check(world.services, world.follower).is_exact

    agent = Agent(Wire(population), 3)
    agent.loaded(population.installed(3, 0))
    report = agent.plan(90, world.clock.forward(days=1)).report
    assert report.kind == "delta"
    answer = workflows.record_report(world.services, simulate.device_key(SECRET, 3), report, world.clock.at).result()
    assert answer.device_id == simulate.public_id(SECRET, 3)
    assert answer.digest == report.digest


def test_sites_become_device_groups(world: World) -> None:
    population = Population(5, DEVICES, Catalogue(5, size=400), per_device=5)
    simulate.load(world.services, population, SECRET, now=world.clock.at)
    with world.database.read() as conn:
        groups = {group.id: group.name for group in inventory.groups(conn)}
        found = inventory.device_by_public_id(conn, simulate.public_id(SECRET, 2))
    assert found is not None
    assert groups[found.group_id] == f"Site {population.site(2) + 1:02d}"


def test_a_loaded_fleet_has_the_settings_that_its_reports_would_tell(world: World) -> None:
    population = Population(5, DEVICES, Catalogue(5, size=400), per_device=5)
    simulate.load(world.services, population, SECRET, now=world.clock.at)
    world.catch_up()
    wire = Wire(population)
    with world.database.read() as conn:
        assert settings.differences(conn) == []
        for number in range(DEVICES):
            device = inventory.device_by_public_id(conn, simulate.public_id(SECRET, number))
            assert device is not None
            present = settings.present(conn, device.id)
            assert present is not None
            kept = settings.values(conn, present[0].tolist())
            assert {(one.name, one.value) for one in kept.values()} == {
                (one.name, one.value) for one in wire.settings(number, 0) or ()
            }
            if kept:
                assert device.id in world.fleet.view().devices_with_settings(list(kept))
        states = scoring.check_states(world.fleet.view(), posture.current(conn))
    assert sum(len(one.non_compliant) for one in states.values()) > 0
