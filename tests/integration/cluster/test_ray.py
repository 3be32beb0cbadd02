"""A Ray cluster of several nodes on loopback: the shards' answers are those of one index, whatever is killed."""

from __future__ import annotations

import functools
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

from tests.support.world import World, advisory, debian
from weakspot import posture, scoring, simulate
from weakspot.access import Scope
from weakspot.fleet.cluster import ClusterFleet, MakeShard, following, rays
from weakspot.runtime import changes
from weakspot.runtime.clock import system_clock
from weakspot.runtime.errors import Unavailable
from weakspot.scoring import Cover, Excepted, clustered, clustered_checks
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Wire

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),
    # Not imported here: Ray reads its environment when it is imported, and the token is not there yet.
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: pip install -e .[cluster]"),
]

SECRET = b"of this test"
EVERYTHING = Scope(None)
DEVICES = 60
SHARDS = 3
LIMIT = 120.0


def source_names(population: Population) -> list[str]:
    wire = Wire(population)
    names = {item.source_name for d in range(DEVICES) for item in map(wire.item, population.installed(d, 0).tolist())}
    return sorted(name for name in names if name)[:60]


POPULATION = Population(5, DEVICES, Catalogue(5, size=400), per_device=20)
DEBS = source_names(POPULATION)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.clock.at = system_clock()
    made.know("osv", *(advisory(f"CVE-2099-{n:04}", debian(one, fixed="99999:1")) for n, one in enumerate(DEBS)))
    simulate.load(made.services, POPULATION, SECRET, now=made.clock.at)
    made.catch_up()
    yield made
    made.close()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One cluster for all tests: Ray keeps the token that it first read for the life of the process."""
    token = rays.token_file(tmp_path_factory.mktemp("keys"))
    assert token.stat().st_mode & 0o077 == 0
    os.environ.update(rays.node_environment(token))
    from ray.cluster_utils import Cluster

    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 2, "node_ip_address": "127.0.0.2", "include_dashboard": False},
    )
    made.add_node(num_cpus=2, node_ip_address="127.0.0.3")
    rays.connect(made.address, token=token, node_address="127.0.0.2")
    yield made
    rays.disconnect()
    made.shutdown()
    for name in rays.node_environment(token):
        del os.environ[name]


def assert_alike(world: World, cluster: ClusterFleet) -> None:
    view = world.fleet.view()
    for one, other in (
        (cluster.vulnerability_counts(EVERYTHING), view.vulnerability_counts(EVERYTHING)),
        (cluster.software_counts(EVERYTHING), view.software_counts(EVERYTHING)),
        (cluster.device_hazards(None, EVERYTHING), view.device_hazards(None, EVERYTHING)),
    ):
        assert [column.tolist() for column in one] == [column.tolist() for column in other]
    assert clustered.organisation_score(cluster, EVERYTHING) == scoring.organisation_score(view, EVERYTHING)
    present = BitMap(view.present().tolist()[::2])
    covers = [
        Cover(
            versions=frozenset(version for one in present for version in view.carriers[one]),
            vulnerabilities=present,
            devices=BitMap(range(0, DEVICES, 3)),
        )
    ]
    active = Excepted(view, covers).score(EVERYTHING)
    assert clustered.organisation_score(cluster, EVERYTHING, excepted=clustered.covers_of(covers)) == active
    with world.database.read() as conn:
        evaluation = posture.current(conn)
    points = scoring.secure_score(scoring.check_states(view, evaluation), view.scope_bitmap(EVERYTHING), {})
    assert clustered_checks.secure_score_of(cluster, evaluation, EVERYTHING, {}) == points


def making(world: World) -> MakeShard:
    return functools.partial(
        following,
        url=world.database.url,
        hazard=scoring.hazard,
        raised=scoring.raised_hazard,
        clock=system_clock,
    )


def newest_of(world: World) -> Callable[[], int]:
    def newest() -> int:
        with world.database.read() as conn:
            return changes.last_seq(conn)

    return newest


def said_until(expected: str, ask: Callable[[], object]) -> str:
    """Ask until the refusal says what is expected; the last refusal."""
    until, said = time.monotonic() + LIMIT, ""
    while expected not in said and time.monotonic() < until:
        try:
            ask()
        except Unavailable as error:
            said = error.detail
    return said


def test_answers_are_those_of_one_index_whatever_is_killed(world: World, nodes: Any) -> None:
    shards = rays.RayShards(making(world), SHARDS, block=4, cpus_each=0.5)
    cluster = ClusterFleet(shards, newest_of(world), timeout_seconds=LIMIT)
    try:
        cluster.ready()
        assert_alike(world, cluster)

        shards.kill(1)
        assert_alike(world, cluster)

        world.know("osv", advisory("CVE-2099-9999", debian("no-such-package", fixed="1")))
        assert_alike(world, cluster)

        # All of them, while they may be taking it.
        world.know("osv", *(advisory(f"CVE-2099-{n:04}", debian(one, fixed="99999:1")) for n, one in enumerate(DEBS)))
        cluster.wake()
        for number in range(SHARDS):
            shards.kill(number)
        assert_alike(world, cluster)

        lost = next(node for node in nodes.worker_nodes)
        nodes.remove_node(lost, allow_graceful=False)
        assert_alike(world, cluster)

        nodes.add_node(num_cpus=2, node_ip_address="127.0.0.4")
        shards.kill(0)
        assert_alike(world, cluster)
    finally:
        cluster.close()


def test_more_shards_after_a_node_was_added_and_too_few_nodes_for_them(world: World, nodes: Any) -> None:
    cpus = sum(one["Resources"].get("CPU", 0) for one in nodes_alive())
    count = int(cpus) + 2
    with pytest.raises(Unavailable, match=rf"have room for {int(cpus)} of {count} shards at 1 processors each"):
        rays.RayShards(making(world), count, block=4)

    added = nodes.add_node(num_cpus=2, node_ip_address="127.0.0.5")
    shards = rays.RayShards(making(world), count, block=4)
    cluster = ClusterFleet(shards, newest_of(world), timeout_seconds=LIMIT)
    impatient = ClusterFleet(shards, newest_of(world), timeout_seconds=2)
    try:
        assert_alike(world, cluster)

        nodes.remove_node(added, allow_graceful=False)
        assert "add a node" in said_until("add a node", impatient.ready), "never an answer without the lost shards"

        nodes.add_node(num_cpus=2, node_ip_address="127.0.0.6")
        assert_alike(world, cluster)
    finally:
        cluster.close()


def nodes_alive() -> list[Any]:
    import ray

    return [one for one in ray.nodes() if one["Alive"]]


class Absent:
    """Pickled on one machine, and made of a module that the other does not have."""

    def __reduce__(self) -> tuple[Any, ...]:
        return __import__, ("not_installed_here",)


@pytest.mark.parametrize(
    ("make", "cause"),
    [(Absent(), "ModuleNotFoundError: No module named 'not_installed_here'"), (functools.partial(int), "TypeError: ")],
    ids=["not to be unpickled", "fails when called"],
)
def test_a_shard_that_cannot_be_made_is_told_with_its_cause_at_once(nodes: Any, make: Any, cause: str) -> None:
    shards = rays.RayShards(make, 2, cpus_each=0.5)
    # Were it waited for, the test would not end in time.
    cluster = ClusterFleet(shards, lambda: 0, timeout_seconds=86_400)
    try:
        with pytest.raises(Unavailable, match=r"cannot be made \(shard [12] of 2: ") as raised:
            cluster.ready()
        assert cause in raised.value.detail
    finally:
        cluster.close()


def test_who_does_not_show_the_token_is_not_let_in(nodes: Any) -> None:
    script = "import sys, ray; ray.init(address=sys.argv[1], log_to_driver=False); print(ray.cluster_resources())"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64, "RAY_gcs_rpc_server_reconnect_timeout_s": "5"}
    stranger = subprocess.run(
        [sys.executable, "-c", script, nodes.address], env=environment, capture_output=True, text=True, timeout=120
    )
    assert stranger.returncode != 0
    assert "CPU" not in stranger.stdout
