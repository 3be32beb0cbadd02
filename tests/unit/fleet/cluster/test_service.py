"""An index made of shards answers as one index does, and never with a part of the fleet."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import Connection

from tests.support.world import World, advisory, debian
from tests.unit.fleet.cluster.split import cluster_of
from weakspot import scoring, simulate, workflows
from weakspot.access import Scope
from weakspot.fleet import FleetView, follower
from weakspot.fleet.cluster import ClusterFleet, Partition, PartitionTables, asking, shard
from weakspot.fleet.editing import Editor
from weakspot.runtime.errors import Unavailable
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


class _Stalling(PartitionTables):
    """Tables that can be kept from telling matches, as by a database that is slow."""

    def __init__(self, partition: Partition) -> None:
        super().__init__(partition)
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def open_pairs(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        assert self.may_go_on.wait(60)
        return super().open_pairs(conn, ids)


def test_a_shard_that_is_behind_is_waited_for_or_said_to_be(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design section 6: answers never silently omit a shard; they wait or say so."""
    tables: list[_Stalling] = []

    def stalling(partition: Partition) -> _Stalling:
        tables.append(_Stalling(partition))
        return tables[-1]

    monkeypatch.setattr(shard, "PartitionTables", stalling)
    monkeypatch.setattr(asking, "_PATIENCE_SECONDS", 0.05)
    cluster = cluster_of(world, 3)
    impatient = ClusterFleet(cluster._shards, cluster._newest, timeout_seconds=1)
    before = cluster.ready()
    try:
        tables[1].may_go_on.clear()
        world.know("osv", advisory("CVE-2099-9999", debian("no-such-package", fixed="1")))
        said, until = "", time.monotonic() + 60
        while f"shard 2 of 3: at change {before}, not yet at" not in said and time.monotonic() < until:
            with pytest.raises(Unavailable) as raised:
                impatient.vulnerability_counts(EVERYTHING)
            said = raised.value.detail
        assert f"shard 2 of 3: at change {before}, not yet at" in said
        tables[1].may_go_on.set()
        assert cluster.ready() > before
        assert_alike(world, cluster)
    finally:
        for one in tables:
            one.may_go_on.set()
        cluster.close()


def test_a_shard_that_fails_in_the_middle_of_an_apply_takes_it_whole_afterwards(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RETRY_SECONDS", (0.01,))
    cluster = cluster_of(world, 3)
    failures = iter([True, True, True])
    finish = Editor.finish

    def failing(self: Editor, seq: int | None) -> FleetView:
        if threading.current_thread().name == "fleet-follower" and next(failures, False):
            raise OSError("the machine is out of memory")
        return finish(self, seq)

    try:
        cluster.ready()
        monkeypatch.setattr(Editor, "finish", failing)
        world.know("osv", advisory("CVE-2099-9999", debian("no-such-package", fixed="1")))
        assert_alike(world, cluster)
    finally:
        cluster.close()
