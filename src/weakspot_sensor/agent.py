"""The running sensor: collect, notice changes, report them, stay in step with the server."""

from __future__ import annotations

import logging
import random
import time
from typing import Any, Callable, Dict, FrozenSet, Iterable, NamedTuple, Optional

from weakspot_sensor import collectors, delivery
from weakspot_sensor.backoff import CAP_SECONDS, Backoff
from weakspot_sensor.collect import Body, assemble, run_collectors
from weakspot_sensor.collectors import Result
from weakspot_sensor.errors import UnreachableError
from weakspot_sensor.files import Root
from weakspot_sensor.journal import Journal
from weakspot_sensor.transport import Client
from weakspot_sensor.usage import SAMPLE_SECONDS, Usage
from weakspot_sensor.watch import Watcher

HEARTBEAT_SECONDS = 60.0
FULL_SECONDS = 24 * 3600.0
_DEVICE_SECONDS = 300.0
_FULLS_IN_A_ROW = 3
_JITTER = 0.1

log = logging.getLogger("weakspot_sensor")


class Timing(NamedTuple):
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    full_seconds: float = FULL_SECONDS
    longest_backoff_seconds: float = CAP_SECONDS
    sample_seconds: float = SAMPLE_SECONDS


DEFAULT_TIMING = Timing()


class Collection:
    """The latest result of every collector; what a failed one gave before stays.

    `earlier` is the inventory of an earlier run: a package database that cannot be read must not look like
    one that is empty.
    """

    def __init__(self, root: Root, earlier: Iterable[Dict[str, Any]] = ()) -> None:
        self._root = root
        types = {kind: entry.name for entry in collectors.SOFTWARE for kind in entry.types}
        self._results: Dict[str, Result] = {}
        for item in earlier:
            name = types.get(item.get("type", ""))
            if name is not None:
                known = self._results.setdefault(name, Result(name, "failed", "", [], {}))
                known.items.append(item)

    def refresh(self, names: Optional[Iterable[str]] = None) -> Body:
        """Run the named collectors (None: all) and give everything that is now known."""
        for name, result in run_collectors(self._root, names).items():
            before = self._results.get(name)
            if result.status == "failed":
                log.warning("collector %s failed: %s", name, result.reason)
                if before is not None:
                    result = result._replace(items=before.items, facts=before.facts)
            self._results[name] = result
        order = [entry.name for entry in collectors.ALL]
        return assemble(self._results[name] for name in order if name in self._results)


class Agent:
    """One step after another in one thread; ends by an exception only (RevokedError, or that of a signal)."""

    def __init__(
        self,
        collection: Collection,
        journal: Journal,
        client: Client,
        watcher: Watcher,
        timing: Timing = DEFAULT_TIMING,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        uniform: Callable[[], float] = random.random,
        usage: Optional[Usage] = None,
    ) -> None:
        self._collection = collection
        self._journal = journal
        self._client = client
        self._watcher = watcher
        self._timing = timing
        self._clock = clock
        self._monotonic = monotonic
        self._uniform = uniform
        self._usage = usage
        self._backoff = Backoff(uniform, timing.longest_backoff_seconds)
        self._body: Body = {}
        self._try_at = 0.0
        self._asked_to_wait = False
        self._heartbeat_at = 0.0
        self._device_at = 0.0
        self._full_at = 0.0
        self._sample_at = 0.0
        self.trouble = ""

    def run(self) -> None:
        """Until an exception ends it."""
        self.start()
        while True:
            self.step()

    def start(self) -> None:
        """The first look at the device, compared with what the server confirmed before."""
        self._watcher.mark()
        self._sample()
        self._observe(None)
        head = self._journal.head
        self._plan_full(self._clock() - head.full_at if head is not None else 0.0)

    def step(self) -> None:
        """Send what is due, then wait for a change or for the next thing that is due."""
        now = self._monotonic()
        if now >= self._sample_at:
            self._sample()
        if now >= self._full_at:
            self._observe(None, full=True)
            self._plan_full(0.0)
        elif now >= self._device_at:
            self._observe(frozenset(entry.name for entry in collectors.DEVICE))
        if self._journal.waiting or self._journal.needs_full:
            if now >= self._try_at:
                self._deliver()
        elif now >= self._heartbeat_at:
            self._beat()
        changed = self._watcher.wait(self._idle_seconds())
        if changed:
            self._observe(changed)
            if not self._asked_to_wait:
                self._try_at = 0.0

    def _idle_seconds(self) -> float:
        waits = self._journal.waiting or self._journal.needs_full
        due = min(self._try_at if waits else self._heartbeat_at, self._full_at, self._device_at, self._sample_at)
        return max(0.0, due - self._monotonic())

    def _observe(self, names: Optional[FrozenSet[str]], full: bool = False) -> None:
        self._device_at = self._monotonic() + _DEVICE_SECONDS
        self._watcher.mark(names)
        self._body = self._collection.refresh(names)
        if self._usage is not None:
            self._body = self._usage.added(self._body)
        self._record(full)

    def _sample(self) -> None:
        if self._usage is None:
            self._sample_at = float("inf")
            return
        self._sample_at = self._monotonic() + self._timing.sample_seconds
        self._usage.sample()

    def _record(self, full: bool) -> None:
        try:
            sequence = self._journal.record(self._body, full)
        except OSError as error:
            # The head is as it was: the next look finds the same change again.
            self._report_trouble("a report cannot be written: {}".format(error))
            return
        if sequence is not None:
            log.info("report %d waits to be sent", sequence)

    def _deliver(self) -> None:
        for _ in range(_FULLS_IN_A_ROW):
            if self._journal.needs_full:
                self._record(full=True)
            try:
                outcome = delivery.deliver(self._journal, self._client)
            except OSError as error:
                outcome = delivery.Outcome(False, False, None, "the state folder fails: {}".format(error))
            if outcome.delivered:
                self._succeed()
                return
            log.info("%s", outcome.reason)
            if not outcome.needs_full:
                break
        self._report_trouble(outcome.reason)
        self._asked_to_wait = outcome.wait is not None or outcome.needs_full
        self._try_at = self._monotonic() + max(outcome.wait or 0.0, self._backoff.next())

    def _beat(self) -> None:
        self._plan_heartbeat()
        try:
            resync = delivery.heartbeat(self._journal, self._client)
        except UnreachableError as error:
            self._report_trouble(str(error))
            return
        self._succeed()
        if resync:
            log.info("the server asks for the whole inventory")
            self._try_at = 0.0

    def _succeed(self) -> None:
        if self.trouble:
            log.info("the server is back")
        self.trouble = ""
        self._backoff.reset()
        self._try_at = 0.0
        self._asked_to_wait = False
        self._plan_heartbeat()

    def _report_trouble(self, text: str) -> None:
        if text != self.trouble:
            log.warning("%s", text)
        self.trouble = text

    def _plan_heartbeat(self) -> None:
        self._heartbeat_at = self._monotonic() + self._around(self._timing.heartbeat_seconds)

    def _plan_full(self, age: float) -> None:
        """`age`: seconds since the last one; clocks that were set back make it 0."""
        rest = self._around(self._timing.full_seconds) - max(0.0, age)
        # A device that was off for days reports its changes first and the whole inventory a little later.
        self._full_at = self._monotonic() + max(rest, self._timing.heartbeat_seconds * self._uniform())

    def _around(self, seconds: float) -> float:
        return seconds * (1.0 + _JITTER * (2.0 * self._uniform() - 1.0))
