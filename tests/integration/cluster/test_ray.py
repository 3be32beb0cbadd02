"""A Ray cluster of several nodes on loopback: the shards' answers are those of one index, whatever is killed."""

from __future__ import annotations

import functools
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, advisory, debian
from weakspot import scoring, simulate
from weakspot.access import Scope
from weakspot.fleet.cluster import ClusterFleet, following, rays
from weakspot.runtime import changes
from weakspot.runtime.clock import system_clock
from weakspot.scoring import clustered
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Wire

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(420),
    pytest.mark.filterwarnings("ignore"),
    # Not imported here: Ray reads its environment when it is imported, and the token is not there yet.
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: pip install -e .[cluster]"),
]

SECRET = b"of this test"
EVERYTHING = Scope(None)
DEVICES = 60
SHARDS = 3


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.clock.at = system_clock()
    population = Population(5, DEVICES, Catalogue(5, size=400), per_device=20)
    wire = Wire(population)
    names = {item.source_name for d in range(DEVICES) for item in map(wire.item, population.installed(d, 0).tolist())}
    debs = sorted(name for name in names if name)[:60]
    made.know("osv", *(advisory(f"CVE-2099-{n:04}", debian(one, fixed="99999:1")) for n, one in enumerate(debs)))
    simulate.load(made.services, population, SECRET, now=made.clock.at)
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


def test_answers_are_those_of_one_index_whatever_is_killed(world: World, nodes: Any) -> None:
    def newest() -> int:
        with world.database.read() as conn:
            return changes.last_seq(conn)

    make = functools.partial(
        following,
        url=world.database.url,
        hazard=scoring.hazard,
        raised=scoring.raised_hazard,
        clock=system_clock,
    )
    shards = rays.RayShards(make, SHARDS, block=4, cpus_each=0.5)
    cluster = ClusterFleet(shards, newest, timeout_seconds=90)
    try:
        cluster.ready()
        assert_alike(world, cluster)

        shards.kill(1)
        assert_alike(world, cluster)

        world.know("osv", advisory("CVE-2099-9999", debian("no-such-package", fixed="1")))
        assert_alike(world, cluster)

        lost = next(node for node in nodes.worker_nodes)
        nodes.remove_node(lost, allow_graceful=False)
        assert_alike(world, cluster)

        nodes.add_node(num_cpus=2, node_ip_address="127.0.0.4")
        shards.kill(0)
        assert_alike(world, cluster)
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
