"""``ClusterFleet``: one index made of shards. Every answer is of all of them, or an error that names the missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.cluster import questions
from weakspot.fleet.cluster.contracts import Answer, Question, ShardLost, Shards, Whole
from weakspot.fleet.contracts import Ids
from weakspot.runtime.errors import Unavailable

T = TypeVar("T")

TIMEOUT_SECONDS = 30.0
_RETRY_SECONDS = 0.25


class ClusterFleet:
    """Asks all shards and joins their parts. Safe from any thread.

    newest: last ``changes.seq`` of the database; no part of an answer is older than that was when it was asked for.
    Every method raises Unavailable when a shard has not answered within the timeout: it is being started again, or it
    has not come that far.
    """

    def __init__(self, shards: Shards, newest: Callable[[], int], *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._shards = shards
        self._newest = newest
        self._timeout = timeout_seconds

    def fold(self, join: Callable[[list[Any]], T], question: Question, *arguments: Any) -> Whole[T]:
        """Any question with its join; other contexts bring their own (functions of a module)."""
        at_least = self._newest()
        deadline = time.monotonic() + self._timeout
        waiting = {number: self._ask(number, question, arguments, at_least) for number in range(self._shards.count)}
        answers: dict[int, Answer] = {}
        missing: dict[int, str] = {}
        while waiting:
            for number, future in list(waiting.items()):
                try:
                    answers[number] = future.result(max(0.0, deadline - time.monotonic()))
                    del waiting[number]
                    missing.pop(number, None)
                except (ShardLost, TimeoutError) as error:
                    missing[number] = str(error)
                    if time.monotonic() + _RETRY_SECONDS >= deadline:
                        raise Unavailable(_told(missing, self._shards.count), retry_after_seconds=5) from error
                    time.sleep(_RETRY_SECONDS)
                    waiting[number] = self._ask(number, question, arguments, at_least)
        return Whole(min(one.seq for one in answers.values()), join([answers[n].value for n in sorted(answers)]))

    def ready(self) -> int:
        """Wait until every shard is there and has taken the newest change. Returns the seq."""
        return self.fold(len, _nothing).seq

    def wake(self) -> None:
        """Something was committed."""
        self._shards.wake()

    def close(self) -> None:
        """End the shards."""
        self._shards.close()

    # the questions of ``FleetView`` ----------------------------------------------------------------------------------

    def vulnerability_counts(self, scope: Scope) -> questions.Columns:
        """As ``FleetView.vulnerability_counts``."""
        return self.fold(questions.added, questions.vulnerability_counts, scope).value

    def software_counts(self, scope: Scope) -> questions.Columns:
        """As ``FleetView.software_counts``."""
        return self.fold(questions.added, questions.software_counts, scope).value

    def device_hazards(self, ids: Sequence[int] | None, scope: Scope) -> questions.Columns:
        """As ``FleetView.device_hazards``."""
        return self.fold(questions.merged, questions.device_hazards, ids, scope).value

    def top_devices(self, limit: int, scope: Scope) -> questions.Columns:
        """(device ids, hazards, numbers of vulnerabilities) of the ``limit`` devices with the largest hazards."""
        return self.fold(lambda parts: questions.first(parts, limit), questions.top_devices, limit, scope).value

    def scope_bitmap(self, scope: Scope) -> BitMap:
        """As ``FleetView.scope_bitmap``."""
        return self.fold(questions.united, questions.scope_bitmap, scope).value

    def devices_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_vulnerability``."""
        return self.fold(questions.united, questions.devices_of_vulnerability, vulnerability_id, scope).value

    def devices_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_software``."""
        return self.fold(questions.united, questions.devices_of_software, software_id, scope).value

    def devices_of_versions(self, software_version_ids: Sequence[int], scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_versions``."""
        return self.fold(questions.united, questions.devices_of_versions, list(software_version_ids), scope).value

    def count_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> int:
        """As ``FleetView.count_of_vulnerability``."""
        return self.fold(sum, questions.count_of_vulnerability, vulnerability_id, scope).value

    def versions_on(self, device_id: int) -> Ids:
        """As ``FleetView.versions_on``."""
        parts: list[Ids] = self.fold(list, questions.versions_on, device_id).value
        joined: Ids = np.concatenate(parts)
        return joined

    def _ask(self, number: int, question: Question, arguments: Sequence[Any], at_least: int) -> Future[Answer]:
        return self._shards.ask(number, question, arguments, at_least, self._timeout)


def _nothing(_view: object) -> None:
    return None


def _told(missing: dict[int, str], count: int) -> str:
    which = "; ".join(f"shard {number + 1} of {count}: {reason}" for number, reason in sorted(missing.items()))
    return f"Part of the fleet index does not answer ({which}); ask again in a moment."
