"""Shards as Ray actors: Ray places them on the nodes of its cluster and starts them again when a node is lost.

Ray asks nobody for a password unless told to. So nothing here starts or joins a cluster without the token that every
node and driver must show, and without the address that its nodes know each other by. Ray's own services listen on
every interface all the same (docs/scale.md says what to put before them).
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from weakspot.fleet.cluster.contracts import BLOCK, Answer, Partition, Question, ShardFailed, ShardLost
from weakspot.fleet.cluster.shard import Asked, MakeShard
from weakspot.runtime.errors import Unavailable

TOKEN_BYTES = 32


def token_file(folder: Path) -> Path:
    """The cluster's token, made where there is none: readable by its owner alone, to be copied to every node."""
    path = folder / "ray-token"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(TOKEN_BYTES))
    return path


def node_environment(token: Path) -> dict[str, str]:
    """What every process of Ray must have in its environment, ``ray start`` included, before Ray is imported."""
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    }


def connect(address: str | None, *, token: Path, node_address: str, cpus: int | None = None) -> None:
    """Join the cluster at ``address`` (``host:port``), or begin one on this machine (None). Raises Unavailable.

    node_address: the address by which other nodes reach this one; for a cluster of this machine alone 127.0.0.2 (Ray
    puts the machine's public address in the place of 127.0.0.1). Call it before Ray is imported anywhere.
    """
    os.environ.update(node_environment(token))
    ray = _ray()
    common: dict[str, Any] = {"log_to_driver": False, "configure_logging": False, "_node_ip_address": node_address}
    try:
        if address is None:
            ray.init(num_cpus=cpus, include_dashboard=False, **common)
        else:
            ray.init(address=address, **common)
    except Exception as error:
        raise Unavailable(f"Cannot join the Ray cluster at {address or node_address}: {error}.") from error


def disconnect() -> None:
    """Leave the cluster; one that ``connect`` began ends."""
    _ray().shutdown()


class ShardActor:
    """A shard in a process of Ray's. It is built by who asks first, again after a failure that may pass: an actor whose
    making fails is not started again."""

    def __init__(self, make: MakeShard, partition: Partition) -> None:
        self._make = make
        self._partition = partition
        self._making: Future[Asked] | None = None
        self._lock = threading.Lock()

    def ask(self, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float) -> Answer:
        """As ``Shard.ask``; raises ShardLost while the shard is being built, and ShardFailed when it cannot be."""
        return self._built(timeout_seconds).ask(question, arguments, at_least, timeout_seconds)

    def wake(self) -> None:
        """As ``Shard.wake``; nothing while it is being built."""
        making = self._making
        if making is not None and making.done() and making.exception() is None:
            making.result().wake()

    def _built(self, timeout_seconds: float) -> Asked:
        with self._lock:
            if self._making is None:
                self._making = Future()
                threading.Thread(target=self._build, args=(self._making,), name="shard-build", daemon=True).start()
            making = self._making
        wait([making], timeout_seconds)
        if not making.done():
            raise ShardLost("it is being read from the database")
        error = making.exception()
        if error is None:
            return making.result()
        if not _may_pass(error):
            raise ShardFailed(f"{type(error).__name__}: {error}") from error
        with self._lock:
            if self._making is making:
                self._making = None
        raise ShardLost(f"it cannot read the database: {error}") from error

    def _build(self, making: Future[Asked]) -> None:
        try:
            making.set_result(self._make(self._partition))
        except BaseException as error:
            making.set_exception(error)


class RayShards:
    """``Shards`` on the cluster that this process joined. Actors end with ``close``, or with this process.

    make: makes a shard, there; it must be picklable, as ``functools.partial(following, url=...)`` is, and the modules
    that it names must be installed on every node. Raises Unavailable when the cluster has no room for all of them.
    """

    def __init__(self, make: MakeShard, count: int, *, block: int = BLOCK, cpus_each: float = 1.0) -> None:
        self._ray = ray = _ray()
        self._cpus_each = cpus_each
        self._count = count
        if hindrance := self.hindrance():
            raise Unavailable(f"Shards cannot be started: {hindrance}.")
        actor = ray.remote(ShardActor).options(
            num_cpus=cpus_each,
            max_restarts=-1,
            max_concurrency=4,
            scheduling_strategy="SPREAD",
        )
        self._actors = [actor.remote(make, Partition(number, count, block)) for number in range(count)]

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    def ask(
        self, number: int, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float
    ) -> Future[Answer]:
        """As ``Shards.ask``."""
        if not self._actors:
            ended: Future[Answer] = Future()
            ended.set_exception(ShardFailed("the shards were ended"))
            return ended
        reference = self._actors[number].ask.remote(question, tuple(arguments), at_least, timeout_seconds)
        return _translated(reference.future(), self._ray)

    def hindrance(self) -> str:
        """As ``Shards.hindrance``: too few processors on the nodes that are there."""
        if self._cpus_each <= 0:
            return ""
        try:
            nodes = [node["Resources"].get("CPU", 0.0) for node in self._ray.nodes() if node["Alive"]]
        except Exception as error:  # whatever it is, it must not hide what is being told
            return f"the head of the Ray cluster does not answer: {_last_line(error)}"
        # Ray counts processors in ten-thousandths.
        room = sum(round(cpus * 10_000) // round(self._cpus_each * 10_000) for cpus in nodes)
        if room >= self._count:
            return ""
        return (
            f"the cluster's {len(nodes)} nodes have room for {room} of {self._count} shards at {self._cpus_each:g} "
            "processors each; add a node"
        )

    def wake(self) -> None:
        """As ``Shards.wake``."""
        for actor in self._actors:
            actor.wake.remote()

    def kill(self, number: int) -> None:
        """End one shard's process without a word; Ray starts it again. For ``make chaos``."""
        self._ray.kill(self._actors[number], no_restart=False)

    def close(self) -> None:
        """As ``Shards.close``."""
        actors, self._actors = self._actors, []
        for actor in actors:
            self._ray.kill(actor)


def _translated(future: Future[Any], ray: Any) -> Future[Answer]:
    """Ray's own errors as those of the contract."""
    answered: Future[Answer] = Future()

    def finish(done: Future[Any]) -> None:
        error = done.exception()
        if error is None:
            answered.set_result(done.result())
        elif isinstance(error, ray.exceptions.RayTaskError):
            answered.set_exception(error.cause if isinstance(error.cause, Exception) else error)
        elif isinstance(error, _ended(ray)):
            answered.set_exception(ShardFailed(_last_line(error)))
        elif isinstance(error, ray.exceptions.RayError):
            answered.set_exception(ShardLost("it is being started again"))
        else:
            answered.set_exception(error)

    future.add_done_callback(finish)
    return answered


def _ended(ray: Any) -> tuple[type[BaseException], ...]:
    """What Ray says of an actor that it does not start again; of one that it does it says "unavailable"."""
    known = ray.exceptions
    return (known.ActorDiedError, known.ActorUnschedulableError, known.RuntimeEnvSetupError)


def _last_line(error: BaseException) -> str:
    """Of a trace of another process: the error itself."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:500] if lines else type(error).__name__


def _may_pass(error: BaseException) -> bool:
    """Whether what kept a shard from being made may be over at the next try: a database that cannot be reached."""
    if isinstance(error, Unavailable):
        return error.retry_after_seconds is not None  # else something is not installed
    return isinstance(error, OSError | OperationalError | InterfaceError | sqlite3.OperationalError | TimeoutError)


def _ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise Unavailable("Shards need Ray: install weakspot[cluster].") from error
    return ray
