"""What a shard does in its process on a node, without Ray: it is made by who asks first, and says what keeps it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from weakspot.fleet.cluster import Answer, Partition, ShardFailed, ShardLost
from weakspot.fleet.cluster.contracts import Question
from weakspot.fleet.cluster.rays import ShardActor
from weakspot.runtime.errors import Unavailable

PART = Partition(0, 1)
GENEROUS = 60.0


class Made:
    """A shard that is there."""

    def __init__(self) -> None:
        self.woken = 0

    def ask(self, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float) -> Answer:
        return Answer(at_least, question(*arguments))

    def wake(self) -> None:
        self.woken += 1


def test_it_says_that_it_is_being_read_and_answers_when_it_is() -> None:
    may_go_on = threading.Event()
    made = Made()

    def make(_part: Partition) -> Made:
        assert may_go_on.wait(GENEROUS)
        return made

    actor = ShardActor(make, PART)
    actor.wake()
    with pytest.raises(ShardLost, match="being read from the database"):
        actor.ask(len, ["a"], 7, 0.01)
    actor.wake()
    may_go_on.set()
    assert actor.ask(len, ["ab"], 7, GENEROUS) == Answer(7, 2)
    actor.wake()
    assert made.woken == 1, "only what is there can be woken"


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("The database does not answer.", retry_after_seconds=2),
        OperationalError("SELECT 1", {}, Exception("the database is starting up")),
        ConnectionRefusedError("nobody listens"),
    ],
)
def test_a_database_that_is_away_is_tried_again(error: Exception) -> None:
    made = iter([error, None])

    def make(_part: Partition) -> Made:
        if (failure := next(made)) is not None:
            raise failure
        return Made()

    actor = ShardActor(make, PART)
    with pytest.raises(ShardLost, match="cannot read the database"):
        actor.ask(len, ["a"], 7, GENEROUS)
    assert actor.ask(len, ["ab"], 7, GENEROUS).value == 2


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'ours'"),
        TypeError("make() takes no arguments"),
        Unavailable("The driver for PostgreSQL is missing: pip install 'weakspot[postgresql]'."),
    ],
)
def test_what_does_not_pass_is_told_with_its_cause_and_not_tried_again(error: Exception) -> None:
    tries = []

    def make(part: Partition) -> Made:
        tries.append(part)
        raise error

    actor = ShardActor(make, PART)
    for _ in range(2):
        with pytest.raises(ShardFailed) as raised:
            actor.ask(len, ["a"], 7, GENEROUS)
        assert str(raised.value) == f"{type(error).__name__}: {error}"
    assert tries == [PART]
