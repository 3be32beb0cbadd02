"""A process that belongs to this one: started with it, started again when it ends by itself, ended with it.

It gets one line on its standard input, which then stays open: when that ends, so does the child, however its parent
ended. What it writes to its standard output is heard line by line; its standard error is this process's.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import threading
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

_PATIENCE = (0.1, 0.5, 1.0, 2.0, 5.0)
_READ_BYTES = 65_536


class Child:
    """One process at a time; a thread of its own hears it. Safe from any thread.

    command: program and arguments. line: what it is told first. descriptors: open files that it inherits. heard: called
    with the lines that came together, without their ends; an error in it is logged.
    """

    def __init__(
        self, name: str, command: Sequence[str], line: bytes, descriptors: Sequence[int],
        heard: Callable[[list[bytes]], None],
    ) -> None:  # fmt: skip
        self.name = name
        self._command = tuple(command)
        self._line = line
        self._descriptors = tuple(descriptors)
        self._heard = heard
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def pid(self) -> int | None:
        """Process id of the one that runs."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Tell it to end; at once, without waiting for it."""
        self._stopping.set()
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()

    def stop(self, seconds: float) -> None:
        """End it; by force when it takes longer than ``seconds``. Idempotent."""
        self.end()
        process = self._process
        if process is not None:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                logger.warning("a process did not end in time and was killed", extra={"fields": {"process": self.name}})
                process.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            if not self._start():
                return
            has_spoken = self._hear()
            if self._stopping.is_set():
                return
            deaths = 0 if has_spoken else deaths + 1
            logger.error(
                "a process ended by itself and is started again",
                extra={"fields": {"process": self.name, "status": self._process and self._process.returncode}},
            )
            self._stopping.wait(_PATIENCE[min(deaths, len(_PATIENCE) - 1)])

    def _start(self) -> bool:
        with self._lock:
            if self._stopping.is_set():
                return False
            self._process = process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=self._descriptors,
                start_new_session=True,  # a terminal's Ctrl-C is for the parent, which then ends this one
            )
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(self._line + b"\n")
                process.stdin.flush()
        return True

    def _hear(self) -> bool:
        """Until the process has ended. Returns whether it said anything."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        has_spoken, rest = False, b""
        with process.stdout as output:
            while part := os.read(output.fileno(), _READ_BYTES):
                *lines, rest = (rest + part).split(b"\n")
                if not lines:
                    continue
                has_spoken = True
                try:
                    self._heard(lines)
                except Exception:
                    logger.exception("what a process said was not understood", extra={"fields": {"process": self.name}})
        process.wait()
        with self._lock, contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        return has_spoken
