"""The data folder of a server: that only one uses it, and how the command line finds the one that does.

``run/lock`` is held while a server (or a command that writes without one) runs; ``run/cli-token`` lets its
owner's commands in; ``run/server.json`` says where it listens. The last two are gone when no server runs, and
stale ones do no harm: who finds the lock free knows that they mean nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from weakspot.runtime.errors import Unavailable
from weakspot.runtime.secrets import CLI_TOKEN, RandomBytes, new_secret, system_random, write_private


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server listens. ``authority``: certificate file to trust; None for plain HTTP or a given
    certificate.
    """

    url: str
    pid: int
    authority: str | None = None
    fingerprint: str | None = None


class DataFolder:
    """One data folder, made on first use (mode 0700)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._run = path / "run"
        self._lock: int | None = None

    def acquire(self, on_wait: Callable[[], None] | None = None) -> None:
        """Take the folder for this process. Raises Unavailable when it cannot be written, or another one has it;
        with ``on_wait`` that is called once and the other one waited for.
        """
        try:
            self._run.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(
                f"The data folder {self.path} cannot be written ({error.strerror}); set WEAKSPOT_DATA to one that can."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait is None:
                os.close(descriptor)
                raise Unavailable(
                    f"Another Weakspot uses the data folder {self.path}; stop it first, or set WEAKSPOT_DATA to"
                    " another."
                ) from None
            self._wait_for(descriptor, on_wait)
        self._lock = descriptor

    @staticmethod
    def _wait_for(descriptor: int, on_wait: Callable[[], None]) -> None:
        try:
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:  # an interrupt ends the wait
            os.close(descriptor)
            raise

    def release(self) -> None:
        """Give the folder back. Idempotent."""
        if self._lock is None:
            return
        for name in ("cli-token", "server.json"):
            (self._run / name).unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def is_in_use(self) -> bool:
        """Whether some process holds the folder now (this one included)."""
        try:
            descriptor = os.open(self._run / "lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def new_cli_token(self, random: RandomBytes = system_random) -> str:
        """A token that the owner's commands send; new at every start, readable by the owner alone."""
        token = new_secret(CLI_TOKEN, random)
        write_private(self._run / "cli-token", token)
        return token

    def announce(self, running: Running) -> None:
        """Say where the server listens, once it does."""
        write_private(self._run / "server.json", msgspec.json.encode(running).decode())

    def running(self) -> tuple[Running, str] | None:
        """Where the server of this folder listens, and the token for it; None when none runs."""
        if not self.is_in_use():
            return None
        try:
            found = msgspec.json.decode((self._run / "server.json").read_bytes(), type=Running)
            return found, (self._run / "cli-token").read_text("utf-8").strip()
        except (OSError, msgspec.MsgspecError):
            return None
