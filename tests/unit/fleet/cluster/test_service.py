"""An index made of shards answers as one index does, and never with a part of the fleet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.world import World, advisory, debian
from weakspot import scoring, simulate, workflows
from weakspot.access import Scope
from weakspot.fleet.cluster import ClusterFleet, LocalShards, Partition, Shard
from weakspot.runtime import changes
from weakspot.scoring import clustered
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Agent, Wire

SECRET = b"of this test"
EVERYTHING = Scope(None)
DEVICES = 40
CATALOGUE = Catalogue(5, size=400)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    population = Population(5, DEVICES, CATALOGUE, per_device=20)
    wire = Wire(population)
    names = {item.source_name for d in range(DEVICES) for item in map(wire.item, population.installed(d, 0).tolist())}
    debs = sorted(name for name in names if name)[:60]
    made.know("osv", *(advisory(f"CVE-2099-{n:04}", debian(one, fixed="99999:1")) for n, one in enumerate(debs)))
    simulate.load(made.services, population, SECRET, now=made.clock.at)
    made.catch_up()
    yield made
    made.close()


def cluster_of(world: World, count: int, *, block: int = 4) -> ClusterFleet:
    def make(partition: Partition) -> Shard:
        return Shard(world.database.url, partition, scoring.hazard, scoring.raised_hazard, world.clock)

    def newest() -> int:
        with world.database.read() as conn:
            return changes.last_seq(conn)

    return ClusterFleet(LocalShards(make, count, block=block), newest, timeout_seconds=20)


def assert_alike(world: World, cluster: ClusterFleet) -> None:
    view = world.fleet.view()
    groups = view.population.group_ids
    for scope in (EVERYTHING, Scope(frozenset(groups[:1])), Scope(frozenset(groups[1:3])), Scope(frozenset())):
        for one, other in (
            (cluster.vulnerability_counts(scope), view.vulnerability_counts(scope)),
            (cluster.software_counts(scope), view.software_counts(scope)),
            (cluster.device_hazards(None, scope), view.device_hazards(None, scope)),
            (cluster.device_hazards([1, 5, 39, 77], scope), view.device_hazards([1, 5, 39, 77], scope)),
        ):
            assert [column.tolist() for column in one] == [column.tolist() for column in other]
        assert cluster.scope_bitmap(scope) == view.scope_bitmap(scope)
        assert clustered.organisation_score(cluster, scope) == scoring.organisation_score(view, scope)
        ids, sums, _ = view.device_hazards(None, scope)
        order = np.lexsort((ids, -sums))[:7]
        assert cluster.top_devices(7, scope)[0].tolist() == ids[order].tolist()
    for vulnerability in view.present().tolist()[:10]:
        found = cluster.devices_of_vulnerability(vulnerability, EVERYTHING)
        assert found == view.devices_of_vulnerability(vulnerability, EVERYTHING)
        assert cluster.count_of_vulnerability(vulnerability, EVERYTHING) == len(found)
    weak = sorted({version for one in view.present().tolist() for version in view.carriers[one]})
    if not weak:
        return
    assert cluster.devices_of_versions(weak[:3], EVERYTHING) == view.devices_of_versions(weak[:3], EVERYTHING)
    impact = scoring.versions_impact(view, weak[:5], EVERYTHING)
    assert clustered.versions_impact(cluster, weak[:5], EVERYTHING) == impact
    software = view.software_of_version(weak[0])
    assert cluster.devices_of_software(software, EVERYTHING) == view.devices_of_software(software, EVERYTHING)
    assert cluster.versions_on(3).tolist() == view.versions_on(3).tolist()


@pytest.mark.parametrize("count", [1, 3])
def test_shards_answer_as_one_index(world: World, count: int) -> None:
    cluster = cluster_of(world, count)
    try:
        assert cluster.ready() > 0
        assert_alike(world, cluster)
    finally:
        cluster.close()


def test_an_answer_holds_what_was_acknowledged_before_it_was_asked_for(world: World) -> None:
    population = Population(5, DEVICES, CATALOGUE, per_device=20)
    cluster = cluster_of(world, 3)
    try:
        for number in range(4):
            agent = Agent(Wire(population), number)
            agent.numbers = population.installed(number, 0)
            report = agent.plan(60, world.clock.forward(seconds=60)).report
            key = simulate.device_key(SECRET, number)
            workflows.record_report(world.services, key, report, world.clock.at).result()
            world.catch_up()
            assert_alike(world, cluster)
        kept = world.fleet.view().present().tolist()[0]
        world.know("osv", advisory("CVE-2099-9999", debian("no-such-package", fixed="1")))
        assert world.fleet.view().count_of_vulnerability(kept, EVERYTHING) == 0
        assert_alike(world, cluster)
    finally:
        cluster.close()
