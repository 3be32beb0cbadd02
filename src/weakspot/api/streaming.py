"""The event hub: one follower of ``changes`` for all open event streams.

Every stream is filtered by the scope that its caller has now: an ``access.changed`` in a batch makes the hub
look up every caller again before anything of that batch goes out. A device that leaves a scope is told as
removed. What waits for a slow reader is merged, so its size is bounded by the number of topics and
``MAXIMUM_DEVICES``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable

import msgspec

from weakspot import access, inventory
from weakspot.access import Caller, Scope
from weakspot.api.event_batches import Batch, GroupMemory, View, read_batch, view_for
from weakspot.api.reads import ReadPool
from weakspot.fleet import Fleet
from weakspot.queries.base import ReadContext
from weakspot.runtime import changes
from weakspot.runtime.database import Database
from weakspot.runtime.errors import RateLimited

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15.0
POLL_SECONDS = 5.0
"""Another process may have committed; the database's own commits wake the hub at once."""
PAUSE_SECONDS = 0.05
"""Between two batches, so that a storm of reports costs a few events a second and not thousands."""
UNHEARD_SECONDS = 4.0
"""The same while nobody listens; whoever begins to ends it."""
INDEX_WAIT_SECONDS = 2.0
REPLAY_LIMIT = 5_000
MAXIMUM_DEVICES = 50

LookUp = Callable[[], Caller | None]


class _Event(msgspec.Struct, omit_defaults=True):
    """Data of a ``changed`` event. ``removed``: devices that are no longer in the caller's scope."""

    seq: int
    topics: list[str]
    devices: list[str]
    removed: list[str] = []


class Subscriber:
    """One open stream. ``look_up`` gives the caller as it is now; blocking."""

    def __init__(self, caller: Caller, look_up: LookUp) -> None:
        self.caller = caller
        self.look_up = look_up
        self.is_closed = False
        self.is_reset = False
        self._seq = 0
        self._view = View()
        self._wake = asyncio.Event()

    def offer(self, seq: int, view: View) -> None:
        """Merge something new into what waits."""
        self._view = self._view.merged(view)
        self._seq = seq
        if not self._view.is_empty:
            self._wake.set()

    def reset(self, seq: int) -> None:
        """Everything is to be fetched again."""
        self.is_reset = True
        self._seq = seq
        self._wake.set()

    def close(self) -> None:
        """End the stream after what waits."""
        self.is_closed = True
        self._wake.set()

    async def wait(self, seconds: float) -> bool:
        """Whether something waits, after at most ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        return self._wake.is_set()

    def take(self) -> bytes:
        """What waits, in the wire format of server-sent events."""
        self._wake.clear()
        if self.is_closed:
            return b"event: closed\ndata: {}\n\n"
        view, self._view = self._view, View()
        if self.is_reset:
            self.is_reset = False
            return b"id: %d\nevent: reset\ndata: {}\n\n" % self._seq
        event = _Event(
            seq=self._seq,
            topics=sorted(view.topics),
            devices=sorted(view.devices)[:MAXIMUM_DEVICES],
            removed=sorted(view.removed)[:MAXIMUM_DEVICES],
        )
        return b"id: %d\nevent: changed\ndata: %b\n\n" % (self._seq, msgspec.json.encode(event))


class EventHub:
    """Follows ``changes`` on the event loop; reading and filtering run in the read threads."""

    def __init__(self, database: Database, fleet: Fleet, reads: ReadPool, *, per_user: int, total: int) -> None:
        self._database = database
        self._fleet = fleet
        self._reads = reads
        self._per_user = per_user
        self._total = total
        self._subscribers: set[Subscriber] = set()
        self._seq = 0
        self._groups = GroupMemory()
        self._committed = asyncio.Event()
        self._heard = asyncio.Event()
        self._advancing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follow from now on."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            if self._committed.is_set():
                return  # taken off before the next batch is read, and that has this commit
            with contextlib.suppress(RuntimeError):  # the loop is gone: the server has stopped
                loop.call_soon_threadsafe(self._committed.set)

        self._seq = await self._reads.read(self._prepare)
        self._database.on_commit(wake)
        self._task = asyncio.create_task(self._follow(), name="event-hub")

    async def close(self) -> None:
        """End every stream with ``closed``; idempotent."""
        for subscriber in self._subscribers:
            subscriber.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return len(self._subscribers)

    async def subscribe(self, caller: Caller, look_up: LookUp, last_seq: int | None) -> Subscriber:
        """Open a stream after ``last_seq`` (None: from now). Raises RateLimited over the bounds."""
        if not self._subscribers:
            async with self._advancing:
                await self._pass_by()
        own = sum((one.caller.kind, one.caller.id) == (caller.kind, caller.id) for one in self._subscribers)
        if own >= self._per_user or len(self._subscribers) >= self._total:
            raise RateLimited(
                f"Too many event streams are open (at most {self._per_user} a user); close another page.",
                retry_after_seconds=30,
            )
        subscriber = Subscriber(caller, look_up)
        self._subscribers.add(subscriber)
        self._heard.set()
        seq = self._seq
        if last_seq is not None and last_seq != seq:
            view = await self._missed(last_seq, seq, caller.scope)
            if view is None:
                subscriber.reset(self._seq)
            else:
                subscriber.offer(max(seq, self._seq), view)
        return subscriber

    async def stream(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        """The stream's bytes until it closes; keep-alives look the caller up again."""
        try:
            yield b"retry: 2000\nid: %d\n\n" % self._seq
            while True:
                if await subscriber.wait(KEEP_ALIVE_SECONDS):
                    yield subscriber.take()
                    if subscriber.is_closed:
                        return
                else:
                    await self._renew([subscriber])
                    yield b"id: %d\n: still here\n\n" % self._seq
        finally:
            self._subscribers.discard(subscriber)

    def _prepare(self, read: ReadContext) -> int:
        devices = inventory.fleet_device(read.conn, None, read.now)
        self._groups = GroupMemory((device.id, device.group_id) for device in devices)
        return changes.last_seq(read.conn)

    async def _follow(self) -> None:
        while True:
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._committed.wait()
            self._committed.clear()
            try:
                async with self._advancing:
                    await self._advance()
            except Exception:
                logger.exception("following changes failed; every stream is told to fetch again")
                for subscriber in self._subscribers:
                    subscriber.reset(self._seq)
            await self._pause()

    async def _pause(self) -> None:
        if not self._subscribers:
            self._heard.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(UNHEARD_SECONDS):
                    await self._heard.wait()
        await asyncio.sleep(PAUSE_SECONDS)

    async def _advance(self) -> None:
        if not self._subscribers and await self._pass_by():
            return
        batch = await self._reads.read(lambda read: read_batch(read, self._seq, self._groups, REPLAY_LIMIT))
        if batch.seq == self._seq:
            return
        # Whoever fetches again because of this event must find the index that shows it.
        await self._reads.run(lambda: self._fleet.wait_for(batch.seq, INDEX_WAIT_SECONDS))
        self._seq = batch.seq
        if batch.is_access_changed:
            await self._renew(list(self._subscribers))
        await self._deliver(batch)
        if batch.is_cut:
            self._committed.set()

    async def _pass_by(self) -> bool:
        """Go on without making events; False, and nothing is passed, where somebody listens by then."""
        groups = self._groups.copy()
        batch = await self._reads.read(lambda read: read_batch(read, self._seq, groups, REPLAY_LIMIT, is_heard=False))
        await self._reads.run(lambda: self._fleet.wait_for(batch.seq, INDEX_WAIT_SECONDS))
        if self._subscribers:
            return False
        self._groups, self._seq = groups, batch.seq
        if batch.is_cut:
            self._committed.set()
        return True

    async def _deliver(self, batch: Batch) -> None:
        listening = list(self._subscribers)
        scopes = {subscriber.caller.scope for subscriber in listening}
        if not scopes:
            return
        views = await self._reads.run(lambda: {scope: view_for(batch, scope, self._fleet) for scope in scopes})
        for subscriber in listening:
            # A scope that changed meanwhile gets a reset from whoever changed it.
            subscriber.offer(batch.seq, views.get(subscriber.caller.scope, View()))

    async def _renew(self, subscribers: Iterable[Subscriber]) -> None:
        """Look callers up again: a stream ends with its session or role, and starts over with another
        scope.
        """
        for subscriber in subscribers:
            now = await self._reads.run(subscriber.look_up)
            before = subscriber.caller
            if now is None or now.role != before.role or not now.may(access.Permission.VIEW_DATA):
                subscriber.close()
            elif now.scope != before.scope:
                subscriber.caller = now
                subscriber.reset(self._seq)
            else:
                subscriber.caller = now

    async def _missed(self, last_seq: int, until: int, scope: Scope) -> View | None:
        """What happened in between; None when it cannot be told any more, and all is to be fetched again."""

        def look_back(read: ReadContext) -> View | None:
            if not changes.first_seq(read.conn) - 1 <= last_seq <= until or until - last_seq > REPLAY_LIMIT:
                return None
            batch = read_batch(read, last_seq, self._groups.copy(), REPLAY_LIMIT)
            if batch.devices_with_facts and scope.group_ids is not None:
                return None  # where those devices were before is not known any more
            return view_for(batch, scope, self._fleet)

        return await self._reads.read(look_back)
