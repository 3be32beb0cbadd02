"""The same questions to one index and to its shards on Ray. ``python -m bench.cluster [--devices N ...] [--shards K]``

One machine holds everything, so this shows what splitting costs (every part of an answer crosses to another process and
back), not what more machines give. The answers must be equal. ``baseline`` is the time of the one index.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from pyroaring import BitMap

from bench._lines import emit, progress, resident_mib
from bench.fleet import EVERYTHING, Ints, Population
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet, FleetView
from weakspot.fleet.cluster import Answer, ClusterFleet, Partition, rays
from weakspot.fleet.cluster.contracts import Question
from weakspot.runtime.errors import Unavailable
from weakspot.scoring import Cover, Excepted, clustered, organisation_score, software_impact

SEQ = 1
GROUP = Scope(frozenset([2, 3]))
STARTING_SECONDS = 1_800.0


class SyntheticShard:
    """A shard of a synthetic fleet, without a database."""

    def __init__(self, devices: int, partition: Partition) -> None:
        self._fleet = built(devices, partition)

    def ask(self, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float) -> Answer:
        """As ``Shard.ask``; nothing changes here, and nothing is remembered from one question to the next."""
        del at_least, timeout_seconds
        return Answer(SEQ, question(_fresh(self._fleet), *arguments))

    def wake(self) -> None:
        """Nothing to follow."""


def shard(partition: Partition, *, devices: int) -> SyntheticShard:
    """One shard, made in its process."""
    return SyntheticShard(devices, partition)


def memory(_view: object) -> float:
    """Resident memory of the process that is asked, MiB."""
    return resident_mib()


def built(devices: int, partition: Partition | None) -> Fleet:
    """The index of a part of the fleet; None: of all."""
    population = Population(devices)
    fleet = Fleet()
    fleet.build(
        seq=SEQ,
        software=population.software_of,
        facts=[fact for fact in population.facts() if partition is None or partition.has(fact.device_id)],
        installations=_own(population.chunks(), partition),
        matches=population.matches,
        hazards=population.hazards,
    )
    return fleet


def _own(chunks: Iterator[tuple[Ints, Ints]], partition: Partition | None) -> Iterator[tuple[Ints, Ints]]:
    for devices, versions in chunks:
        if partition is None:
            yield devices, versions
            continue
        mine = devices // partition.block % partition.of == partition.number
        yield devices[mine], versions[mine]


class Alone(msgspec.Struct):
    """What one index answers, with the milliseconds that it takes, and what was asked about."""

    answers: dict[str, tuple[float, Any]]
    vulnerability: int
    versions: list[int]
    covers: list[Cover]


def alone(devices: int) -> Alone:
    """Ask one index; it is gone afterwards."""
    progress(f"cluster: {devices:,} devices: one index")
    began = time.perf_counter()
    fleet = built(devices, None)
    emit("cluster.one.build", devices, time.perf_counter() - began, "s")
    emit("cluster.one.memory", devices, resident_mib(), "MiB")
    view = fleet.view()
    asked = max(range(1, 400), key=lambda one: view.count_of_vulnerability(one, EVERYTHING))
    software = view.software_of_version(int(view.versions_of_vulnerability(asked)[0]))
    covers = [exception(view, list(view.versions[software]), devices)]
    answers = {
        "counts": _timed(lambda: _fresh(fleet).vulnerability_counts(EVERYTHING)),
        "counts.group": _timed(lambda: _fresh(fleet).vulnerability_counts(GROUP)),
        "software": _timed(lambda: _fresh(fleet).software_counts(EVERYTHING)),
        "members": _timed(lambda: view.devices_of_vulnerability(asked, EVERYTHING)),
        "count": _timed(lambda: view.count_of_vulnerability(asked, EVERYTHING)),
        "score": _timed(lambda: organisation_score(_fresh(fleet), EVERYTHING)),
        "score.active": _timed(lambda: Excepted(_fresh(fleet), covers).score(EVERYTHING)),
        "impact": _timed(lambda: software_impact(_fresh(fleet), software, EVERYTHING)),
    }
    return Alone(answers, asked, list(view.versions[software]), covers)


def exception(view: FleetView, versions: list[int], devices: int) -> Cover:
    """An exception of all weaknesses of some versions, on every other device."""
    some = view.vulnerabilities_of_versions(versions)
    return Cover(versions=frozenset(versions), vulnerabilities=some, devices=BitMap(range(0, devices + 1, 2)))


def run(devices: int, count: int) -> None:
    """All figures for one size."""
    one = alone(devices)
    progress(f"cluster: {count} shards")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
    with tempfile.TemporaryDirectory() as folder:
        rays.connect(None, token=rays.token_file(Path(folder)), node_address="127.0.0.2", cpus=count)
        try:
            began = time.perf_counter()
            shards = rays.RayShards(functools.partial(shard, devices=devices), count)
            cluster = ClusterFleet(shards, lambda: SEQ, timeout_seconds=STARTING_SECONDS)
            cluster.ready()
            emit("cluster.start", devices, time.perf_counter() - began, "s", shards=count)
            used = cluster.fold(list, memory).value
            emit("cluster.memory", devices, sum(used), "MiB", largest=round(max(used)))
            _compare(devices, one, cluster)
            cluster.close()
        finally:
            rays.disconnect()


def _compare(devices: int, one: Alone, cluster: ClusterFleet) -> None:
    covers = clustered.covers_of(one.covers)
    split = {
        "counts": _timed(lambda: cluster.vulnerability_counts(EVERYTHING)),
        "counts.group": _timed(lambda: cluster.vulnerability_counts(GROUP)),
        "software": _timed(lambda: cluster.software_counts(EVERYTHING)),
        "members": _timed(lambda: cluster.devices_of_vulnerability(one.vulnerability, EVERYTHING)),
        "count": _timed(lambda: cluster.count_of_vulnerability(one.vulnerability, EVERYTHING)),
        "score": _timed(lambda: clustered.organisation_score(cluster, EVERYTHING)),
        "score.active": _timed(lambda: clustered.organisation_score(cluster, EVERYTHING, excepted=covers)),
        "impact": _timed(lambda: clustered.versions_impact(cluster, one.versions, EVERYTHING)),
    }
    for name, (took, value) in split.items():
        before, expected = one.answers[name]
        emit(f"cluster.{name}", devices, took, "ms", baseline=before, equal=_is_equal(value, expected))


def _fresh(fleet: Fleet) -> Any:
    """The view without what earlier questions left in its memory."""
    return fleet.view().successor()


def _timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, the median of some, and the answer."""
    took = []
    for _ in range(7):
        began = time.perf_counter()
        value = ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), value


def _is_equal(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[100_000])
    parser.add_argument("--shards", type=int, default=4)
    options = parser.parse_args()
    for devices in options.devices:
        try:
            run(devices, options.shards)
        except Unavailable as error:
            progress(f"cluster: not measured: {error}")
            return


if __name__ == "__main__":
    main()
