"""Shards as Ray actors: Ray places them on the nodes of its cluster and starts them again when a node is lost.

Ray asks nobody for a password unless told to. So nothing here starts or joins a cluster without the token that every
node and driver must show, and without the address that its nodes know each other by. Ray's own services listen on
every interface all the same (docs/scale.md says what to put before them).
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from weakspot.fleet.cluster.contracts import BLOCK, Answer, Partition, Question, ShardLost
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
    """A shard in a process of Ray's. It is built by who asks first, again after a failure: an actor whose making
    fails is not started again."""

    def __init__(self, make: MakeShard, partition: Partition) -> None:
        self._make = make
        self._partition = partition
        self._shard: Asked | None = None
        self._lock = threading.Lock()

    def ask(self, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float) -> Answer:
        """As ``Shard.ask``; raises ShardLost while the shard cannot be built."""
        return self._built().ask(question, arguments, at_least, timeout_seconds)

    def wake(self) -> None:
        """As ``Shard.wake``."""
        self._built().wake()

    def _built(self) -> Asked:
        with self._lock:
            if self._shard is None:
                try:
                    self._shard = self._make(self._partition)
                except Exception as error:
                    raise ShardLost(f"it cannot read the database: {error}") from error
            return self._shard


class RayShards:
    """``Shards`` on the cluster that this process joined. Actors end with ``close``, or with this process.

    make: makes a shard, there; it must be picklable, as ``functools.partial(following, url=...)`` is.
    """

    def __init__(self, make: MakeShard, count: int, *, block: int = BLOCK, cpus_each: float = 1.0) -> None:
        ray = _ray()
        self._ray = ray
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
        return len(self._actors)

    def ask(
        self, number: int, question: Question, arguments: Sequence[Any], at_least: int, timeout_seconds: float
    ) -> Future[Answer]:
        """As ``Shards.ask``."""
        reference = self._actors[number].ask.remote(question, tuple(arguments), at_least, timeout_seconds)
        return _translated(reference.future(), self._ray)

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
        elif isinstance(error, ray.exceptions.RayError):
            answered.set_exception(ShardLost("it is being started again"))
        else:
            answered.set_exception(error)

    future.add_done_callback(finish)
    return answered


def _ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise Unavailable("Shards need Ray: install weakspot[cluster].") from error
    return ray
