"""Scores of an index made of shards are those of one index, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.fleet.model import Model
from weakspot import scoring
from weakspot.access import Scope
from weakspot.fleet import FleetView
from weakspot.fleet.cluster import Answer, ClusterFleet, Partition
from weakspot.fleet.cluster.contracts import Question
from weakspot.scoring import clustered

UNIT = 1 << 32
SOFTWARE_OF = {1: 1, 2: 1, 3: 2, 4: 3}
DEVICES = 12
versions = st.sets(st.sampled_from(sorted(SOFTWARE_OF)))


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
        future.set_result(Answer(at_least, question(self._views[number], *arguments)))
        return future

    def wake(self) -> None: ...

    def close(self) -> None: ...


@settings(max_examples=40)
@given(
    installed=st.dictionaries(st.integers(1, DEVICES), versions),
    values=st.lists(st.sampled_from(["Low", "Normal", "High"]), min_size=DEVICES, max_size=DEVICES),
    matches=st.dictionaries(st.sampled_from(sorted(SOFTWARE_OF)), st.sets(st.integers(1, 6))),
    hazards=st.lists(st.integers(0, UNIT), min_size=6, max_size=6),
    gone=versions,
    count=st.integers(1, 4),
)
def test_scores_and_impacts_are_equal(
    installed: dict[int, set[int]],
    values: list[Any],
    matches: dict[int, set[int]],
    hazards: list[int],
    gone: set[int],
    count: int,
) -> None:
    facts = {device: (device % 3 + 1, values[device - 1], device % 5 != 0) for device in range(1, DEVICES + 1)}
    known = dict(enumerate(hazards, 1))
    whole = Model(SOFTWARE_OF, installed, facts, matches, known).built()
    parts = []
    for number in range(count):
        own = Partition(number, count, 2)
        here = {device: has for device, has in installed.items() if own.has(device)}
        mine = {device: fact for device, fact in facts.items() if own.has(device)}
        parts.append(Model(SOFTWARE_OF, here, mine, matches, known).built().view())
    cluster = ClusterFleet(Views(parts), lambda: 0)
    for scope in (Scope(None), Scope(frozenset([1])), Scope(frozenset([2, 3])), Scope(frozenset())):
        assert clustered.organisation_score(cluster, scope) == scoring.organisation_score(whole, scope)
        assert clustered.versions_impact(cluster, gone, scope) == scoring.versions_impact(whole, gone, scope)
