"""Every answer is of all shards, or an error that names those that are missing and what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from weakspot.fleet.cluster import Answer, ClusterFleet, ShardFailed, ShardLost
from weakspot.fleet.cluster.contracts import Question
from weakspot.runtime.errors import Unavailable

Behaviour = Callable[[int], Exception | None]
"""Number of times asked before -> what is raised."""


class Given:
    """Shards that answer ``at_least`` plus their number and ten times it plus ten, or behave as told."""

    def __init__(self, count: int, behaviours: dict[int, Behaviour] | None = None, hindrance: str = "") -> None:
        self.count = count
        self.behaviours = behaviours or {}
        self.asked = [0] * count
        self.said = hindrance

    def ask(
        self, number: int, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float
    ) -> Future[Answer]:
        error = self.behaviours.get(number, _well)(self.asked[number])
        self.asked[number] += 1
        future: Future[Answer] = Future()
        if error is None:
            future.set_result(Answer(at_least + number, 10 * (number + 1)))
        elif not isinstance(error, InterruptedError):  # else it never answers
            future.set_exception(error)
        return future

    def hindrance(self) -> str:
        return self.said

    def wake(self) -> None: ...

    def close(self) -> None: ...


def _well(_before: int) -> None:
    return None


def _always(error: Exception) -> Behaviour:
    return lambda _before: error


def test_a_lost_shard_is_waited_for_and_asked_again() -> None:
    lost = ShardLost("it is being started again")
    shards = Given(2, {1: lambda before: lost if before < 2 else None})
    found = ClusterFleet(shards, lambda: 7, timeout_seconds=60).fold(sum, len)
    assert (found.seq, found.value) == (7, 30)
    assert shards.asked == [1, 3], "who has answered is not asked again"


def test_an_answer_without_all_shards_is_an_error_that_names_all_that_are_missing() -> None:
    shards = Given(4, {
        1: _always(ShardLost("it is being started again")),
        2: _always(TimeoutError("at change 3, not yet at 7")),
        3: _always(InterruptedError()),
    })  # fmt: skip
    with pytest.raises(Unavailable) as raised:
        ClusterFleet(shards, lambda: 7, timeout_seconds=0.3).fold(sum, len)
    assert raised.value.detail == (
        "Part of the fleet index does not answer (shard 2 of 4: it is being started again; shard 3 of 4: at change 3, "
        "not yet at 7; shard 4 of 4: it has not answered yet); ask again in a moment."
    )


def test_what_hinders_them_from_outside_is_told() -> None:
    shards = Given(2, {0: _always(InterruptedError())}, hindrance="there is room for 1 of 2; add a node")
    with pytest.raises(Unavailable, match=r"not answered yet\); there is room for 1 of 2; add a node\."):
        ClusterFleet(shards, lambda: 7, timeout_seconds=0.1).fold(sum, len)


def test_a_shard_that_cannot_be_made_ends_the_waiting_with_its_cause() -> None:
    shards = Given(3, {
        0: _always(InterruptedError()),
        2: _always(ShardFailed("ModuleNotFoundError: No module named 'ours'")),
    })  # fmt: skip
    with pytest.raises(Unavailable, match=r"cannot be made \(shard 3 of 3: ModuleNotFoundError") as raised:
        ClusterFleet(shards, lambda: 7, timeout_seconds=86_400).fold(sum, len)
    assert raised.value.retry_after_seconds is None
    assert shards.asked[2] == 1


def test_what_all_know_alike_is_told_by_whoever_is_there() -> None:
    shards = Given(3, {0: _always(ShardLost("gone")), 1: _always(InterruptedError())})
    found = ClusterFleet(shards, lambda: 7, timeout_seconds=60).any_of(len)
    assert (found.seq, found.value) == (9, 30)
    assert ClusterFleet(Given(3), lambda: 7).any_of(len).value == 30, "the newest of those that have answered"


def test_an_error_of_the_question_itself_is_raised() -> None:
    with pytest.raises(KeyError):
        ClusterFleet(Given(2, {1: _always(KeyError("odd"))}), lambda: 7).fold(sum, len)
