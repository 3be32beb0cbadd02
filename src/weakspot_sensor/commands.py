"""Run a program of the system with a deadline and a bound on its output."""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import sys
import time

from weakspot_sensor import limits

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
if sys.platform == "win32":
    _SYSTEM = os.environ.get("SystemRoot", "C:\\Windows") + "\\System32"
    _PATH = _SYSTEM + ";" + _SYSTEM + "\\WindowsPowerShell\\v1.0"


class CommandError(Exception):
    """The program is missing, ended badly, took too long or wrote too much. The text says which."""


def find(name: str) -> str | None:
    """Where the program is, in the system's own folders only."""
    return shutil.which(name, path=_PATH)


def run(arguments: list[str], accept_failure: bool = False, with_errors: bool = False) -> bytes:
    """Standard output of the program, with what it wrote to its standard error if asked. Raises CommandError."""
    program = find(arguments[0])
    if program is None:
        raise CommandError(arguments[0] + " is not installed")
    environment = {"PATH": _PATH, "LC_ALL": "C", "HOME": "/nonexistent"}
    environment.update({name: os.environ[name] for name in ("SystemRoot", "PSModulePath") if name in os.environ})
    try:
        process = subprocess.Popen(
            [program, *arguments[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if with_errors else subprocess.DEVNULL,
            env=environment,
            close_fds=True,
        )
    except OSError as error:
        raise CommandError("{} cannot be started: {}".format(arguments[0], error)) from error
    try:
        output = _read_whole(process) if sys.platform == "win32" else _read(process, arguments[0])
        status = process.wait(timeout=limits.COMMAND_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise CommandError(arguments[0] + " does not end") from error
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if status != 0 and not accept_failure:
        raise CommandError("{} ended with status {}".format(arguments[0], status))
    return output


def _read_whole(process: subprocess.Popen[bytes]) -> bytes:
    """Windows cannot wait for pipes; what is run there is the system's own and writes little."""
    return process.communicate(timeout=limits.COMMAND_SECONDS)[0]


def _read(process: subprocess.Popen[bytes], name: str) -> bytes:
    assert process.stdout is not None
    handle = process.stdout.fileno()
    deadline = time.monotonic() + limits.COMMAND_SECONDS
    pieces: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(handle, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise CommandError("{} took longer than {:.0f} s".format(name, limits.COMMAND_SECONDS))
            piece = os.read(handle, 1 << 16)
            if not piece:
                return b"".join(pieces)
            size += len(piece)
            if size > limits.COMMAND_BYTES:
                raise CommandError(name + " wrote too much")
            pieces.append(piece)
