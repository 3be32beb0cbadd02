"""A small fleet as one index and as shards of it; everything that crosses between them is pickled, as on Ray."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from pyroaring import BitMap

from tests.support.world import World
from tests.unit.fleet.model import Model
from weakspot import scoring
from weakspot.fleet import Batch, FleetView
from weakspot.fleet.cluster import Answer, ClusterFleet, LocalShards, Partition, Shard
from weakspot.fleet.cluster.contracts import Question
from weakspot.fleet.contracts import DevicePlatforms, DeviceSettings
from weakspot.runtime import changes

UNIT = 1 << 32
SOFTWARE_OF = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}
DEVICES = 12
VULNERABILITIES = 6
SETTING_VALUES = 7
PLATFORMS = ("linux", "windows")
LABEL = ("tag", "lab")


@dataclass
class Small:
    """The model, with what checks and labels need."""

    model: Model
    settings: dict[int, int] = field(default_factory=dict)
    """Device -> the one setting value that it tells."""
    platforms: dict[int, str] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)

    def view(self) -> FleetView:
        """One index of all of it."""
        fleet = self.model.built()
        members: dict[str, BitMap] = {}
        for device, kind in self.platforms.items():
            members.setdefault(kind, BitMap()).add(device)
        told = {device: frozenset([value]) for device, value in self.settings.items()}
        return fleet.apply(
            Batch(
                seq=0,
                labels={LABEL: BitMap(self.labelled)},
                settings=[DeviceSettings(device, values, values) for device, values in told.items()],
                platforms=DevicePlatforms(BitMap(list(self.platforms)), members),
            )
        )

    def part(self, partition: Partition) -> Small:
        """The same without the devices of other shards."""

        def own(of: Mapping[int, Any]) -> dict[int, Any]:
            return {device: some for device, some in of.items() if partition.has(device)}

        model = replace(
            self.model,
            installed=own(self.model.installed), facts=own(self.model.facts), detected=own(self.model.detected),
        )  # fmt: skip
        labelled = {device for device in self.labelled if partition.has(device)}
        return Small(model, own(self.settings), own(self.platforms), labelled)

    def cluster(self, count: int) -> ClusterFleet:
        """So many shards, devices dealt out in twos."""
        return ClusterFleet(Views([self.part(Partition(one, count, 2)).view() for one in range(count)]), lambda: 0)


class Views:
    """Shards that are there and never change."""

    def __init__(self, views: Sequence[FleetView]) -> None:
        self._views = views

    @property
    def count(self) -> int:
        return len(self._views)

    def ask(
        self, number: int, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float
    ) -> Future[Answer]:
        future: Future[Answer] = Future()
        function, given = pickle.loads(pickle.dumps((question, tuple(arguments))))
        future.set_result(pickle.loads(pickle.dumps(Answer(at_least, function(self._views[number], *given)))))
        return future

    def hindrance(self) -> str:
        return ""

    def wake(self) -> None: ...

    def close(self) -> None: ...


def cluster_of(world: World, count: int, *, block: int = 4) -> ClusterFleet:
    """Shards that follow the world's database, in this process."""

    def make(partition: Partition) -> Shard:
        return Shard(world.database.url, partition, scoring.hazard, scoring.raised_hazard, world.clock)

    def newest() -> int:
        with world.database.read() as conn:
            return changes.last_seq(conn)

    return ClusterFleet(LocalShards(make, count, block=block), newest, timeout_seconds=60)


devices = st.integers(1, DEVICES)
versions = st.sets(st.sampled_from(sorted(SOFTWARE_OF)))
vulnerabilities = st.integers(1, VULNERABILITIES)


@st.composite
def smalls(draw: st.DrawFn) -> Small:
    """Any small fleet: three groups, all values, some devices that do not count, some detections."""
    values = draw(st.lists(st.sampled_from(["Low", "Normal", "High"]), min_size=DEVICES, max_size=DEVICES))
    hazards = draw(st.lists(st.integers(0, UNIT), min_size=VULNERABILITIES, max_size=VULNERABILITIES))
    model = Model(
        SOFTWARE_OF,
        draw(st.dictionaries(devices, versions)),
        {device: (device % 3 + 1, values[device - 1], device % 5 != 0) for device in range(1, DEVICES + 1)},
        draw(st.dictionaries(st.sampled_from(sorted(SOFTWARE_OF)), st.sets(vulnerabilities, min_size=1))),
        dict(enumerate(hazards, 1)),
        draw(st.dictionaries(devices, st.sets(vulnerabilities, min_size=1, max_size=2), max_size=4)),
        dict.fromkeys(range(1, VULNERABILITIES + 1), UNIT // 2),
    )
    return Small(
        model,
        draw(st.dictionaries(devices, st.integers(1, SETTING_VALUES))),
        draw(st.dictionaries(devices, st.sampled_from(PLATFORMS))),
        draw(st.sets(devices)),
    )
