"""Asking shards: all of them, or an error that names those that are missing, with what each of them waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, TypeVar

from weakspot.fleet.cluster.contracts import Answer, Question, ShardFailed, ShardLost, Shards, Whole
from weakspot.runtime.errors import Unavailable

T = TypeVar("T")

TIMEOUT_SECONDS = 30.0
_RETRY_SECONDS = 0.25
_PATIENCE_SECONDS = 5.0
"""So long a shard waits for its changes before it says how far it is, and is asked again."""


class Asking:
    """Questions to shards. Safe from any thread.

    newest: last ``changes.seq`` of the database; no part of an answer is older than that was when it was asked for.
    Every method raises Unavailable when a shard has not answered within the timeout (it is being started again, or has
    not come that far), and at once when a shard cannot be made at all.
    """

    def __init__(self, shards: Shards, newest: Callable[[], int], *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._shards = shards
        self._newest = newest
        self._timeout = timeout_seconds

    def fold(self, join: Callable[[list[Any]], T], question: Question, *arguments: Any) -> Whole[T]:
        """Any question with its join; other contexts bring their own (functions of a module)."""
        answers = self._gather(question, arguments, self._shards.count)
        return Whole(min(one.seq for one in answers.values()), join([answers[n].value for n in sorted(answers)]))

    def any_of(self, question: Question, *arguments: Any) -> Whole[Any]:
        """A question about what all shards know alike (software, vulnerabilities): of the first answers the newest."""
        answer = max(self._gather(question, arguments, 1).values(), key=lambda one: one.seq)
        return Whole(answer.seq, answer.value)

    def ready(self) -> int:
        """Wait until every shard is there and has taken the newest change. Returns the seq."""
        return self.fold(len, _nothing).seq

    def wake(self) -> None:
        """Something was committed."""
        self._shards.wake()

    def close(self) -> None:
        """End the shards."""
        self._shards.close()

    def _gather(self, question: Question, arguments: Sequence[Any], needed: int) -> dict[int, Answer]:
        """Answers by the shards' numbers, at least ``needed`` of them."""
        at_least = self._newest()
        deadline = time.monotonic() + self._timeout
        missing = dict.fromkeys(range(self._shards.count), "it has not answered yet")
        again = dict.fromkeys(missing, 0.0)
        """When to ask a shard (again)."""
        waiting: dict[Future[Answer], int] = {}
        answers: dict[int, Answer] = {}
        while len(answers) < needed:
            now = time.monotonic()
            if now >= deadline:
                raise Unavailable(_told(missing, self._shards), retry_after_seconds=5)
            patience = min(0.8 * (deadline - now), _PATIENCE_SECONDS)
            for number in [number for number, at in again.items() if at <= now]:
                del again[number]
                waiting[self._shards.ask(number, question, arguments, at_least, patience)] = number
            until = min(deadline, *again.values()) if again else deadline
            if waiting:
                done, _ = wait(waiting, until - now, FIRST_COMPLETED)
            else:
                time.sleep(until - now)
                continue
            for future in done:
                number = waiting.pop(future)
                try:
                    answers[number] = future.result()
                    del missing[number]
                except ShardFailed as error:
                    raise Unavailable(_failed(number, self._shards.count, error)) from error
                except (ShardLost, TimeoutError) as error:
                    missing[number] = str(error) or missing[number]
                    again[number] = time.monotonic() + _RETRY_SECONDS
        return answers


def _nothing(_view: object) -> None:
    return None


def _told(missing: dict[int, str], shards: Shards) -> str:
    which = "; ".join(f"shard {number + 1} of {shards.count}: {reason}" for number, reason in sorted(missing.items()))
    hindrance = shards.hindrance()
    what = f"{hindrance}." if hindrance else "ask again in a moment."
    return f"Part of the fleet index does not answer ({which}); {what}"


def _failed(number: int, count: int, error: ShardFailed) -> str:
    return f"Part of the fleet index cannot be made (shard {number + 1} of {count}: {error}); see to that first."
