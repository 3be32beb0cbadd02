"""A real server process in a data folder of its own, for tests that need sockets, signals or several
processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.support.databases import database_url, is_postgresql
from weakspot.runtime.database import sqlite_url

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


class Reply:
    """One answer of the server; ``headers`` by lower-case name."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def lines(self) -> list[dict[str, Any]]:
        """The body as JSON lines."""
        return [json.loads(line) for line in self.body.splitlines() if line]


class ServerProcess:
    """``weakspot serve`` (or ``up``) on a free port of 127.0.0.1. Its output is kept in
    ``DATA/../server.log``.
    """

    def __init__(self, data: Path, command: Sequence[str] = ("serve",), environment: dict[str, str] | None = None):
        self.data = data
        self.log_path = data.parent / f"{data.name}.log"
        self._command = tuple(command)
        self._environment = clean_environment(environment)
        self.database_url = sqlite_url(data / "weakspot.db")
        """Where the data is; for tests that look at it beside the server."""
        if is_postgresql() and "--database" not in command:
            self.database_url = self._environment["WEAKSPOT_DATABASE_URL"] = database_url(data)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    @property
    def intake_pid(self) -> int:
        """Process id of the one that takes reports, where there is one."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/children")
        return next(int(pid) for task in tasks for pid in task.read_text().split())

    @property
    def log(self) -> str:
        """All that the server printed so far."""
        return self.log_path.read_text("utf-8", "replace")

    @property
    def admin_token(self) -> str:
        """The command line's token, which may do everything."""
        return (self.data / "run" / "cli-token").read_text("utf-8").strip()

    def start(self) -> None:
        """Start and wait until it answers. Raises AssertionError with the server's output when it does
        not.
        """
        arguments = [*self._command, "--port", "0"]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*weakspot_command(), "--data", str(self.data), *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,  # a Ctrl-C for the tests is none for the server
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended with {self._process.returncode}:\n{self.log[-4000:]}")
            announced = self._announced()
            if announced is not None:
                self.url = announced
                return
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"the server did not answer within {_START_SECONDS:.0f} s:\n{self.log[-4000:]}")

    def stop(self) -> int:
        """End it as a service manager does (SIGTERM). Returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut does (SIGKILL)."""
        self._end(signal.SIGKILL)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        timeout_seconds: float = 60.0,
    ) -> Reply:
        """One request without credentials; every status is an answer. Raises OSError when there is none."""
        given = dict(headers or {})
        data = raw
        if data is None and body is not None:
            data = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data=data, headers=given, method=method)
        try:
            with _opener().open(request, timeout=timeout_seconds) as answer:
                return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())
        except urllib.error.URLError as error:
            raise ConnectionError(str(error.reason)) from error

    def admin(self, method: str, path: str, body: Any = None) -> Reply:
        """One request as the command line; fails unless it succeeds."""
        reply = self.request(method, path, body, headers={"Authorization": f"Bearer {self.admin_token}"})
        assert reply.status < 400, f"{method} {path}: {reply.status} {reply.body[:2000]!r}"
        return reply

    def get(self, path: str) -> Any:
        """The JSON of a GET as the command line."""
        return self.admin("GET", path).json

    def settle(self) -> None:
        """Wait until pages show all that is committed."""
        deadline = time.monotonic() + _START_SECONDS
        while "\nweakspot_fleet_lag_changes 0\n" not in self.admin("GET", "/api/v1/metrics").body.decode():
            assert time.monotonic() < deadline, "the fleet index does not follow"
            time.sleep(0.02)

    def enrolment_token(self, uses: int = 1) -> str:
        """A token for sensors."""
        body = {"name": "test", "uses": uses, "days": 1}
        return str(self.admin("POST", "/api/v1/admin/enrolment-tokens", body).json["token"])

    def sync(self, mirror: Path, *sources: str) -> list[dict[str, Any]]:
        """Load a mirror folder. Returns the outcomes, one a source."""
        body = {"sources": list(sources), "mirror": str(mirror)}
        steps = self.admin("POST", "/api/v1/admin/feeds/sync", body).lines()
        return [step["outcome"] for step in steps if "outcome" in step]

    def sign_in_url(self) -> str:
        """A link that signs the first administrator in, once."""
        answer = self.admin("POST", "/api/v1/admin/sign-in-links", {"user": None}).json
        return f"{self.url}{answer['path']}"

    def cli(self, *arguments: str, timeout_seconds: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run the command line against this server's data folder."""
        return run_cli(self.data, *arguments, environment=self._environment, timeout_seconds=timeout_seconds)

    def _announced(self) -> str | None:
        try:
            announced = json.loads((self.data / "run" / "server.json").read_bytes())
        except (OSError, ValueError):
            return None
        # One that was killed leaves its announcement behind.
        return str(announced["url"]) if announced["pid"] == self.pid else None

    def _end(self, number: int) -> int:
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(number)
        try:
            status = process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not end within {_STOP_SECONDS:.0f} s:\n{self.log[-4000:]}") from None
        self._process = None
        return status


@contextlib.contextmanager
def running(
    data: Path, command: Sequence[str] = ("serve",), environment: dict[str, str] | None = None
) -> Iterator[ServerProcess]:
    """A server that runs for the length of the block, and is stopped by its process id."""
    server = ServerProcess(data, command, environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def run_cli(
    data: Path, *arguments: str, environment: dict[str, str] | None = None, timeout_seconds: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run ``weakspot --data DATA ...`` to its end; the caller looks at ``returncode``."""
    return subprocess.run(
        [*weakspot_command(), "--data", str(data), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
        env=clean_environment(environment),
        stdin=subprocess.DEVNULL,
    )


def weakspot_command() -> list[str]:
    """The console script of this environment."""
    return [str(Path(sys.executable).with_name("weakspot"))]


def sensor_command() -> list[str]:
    """The sensor of this environment."""
    return [sys.executable, "-m", "weakspot_sensor"]


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of Weakspot and without proxies, so that tests say what
    counts.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WEAKSPOT_") and not k.lower().endswith("_proxy")}
    return kept | {"PYTHONUNBUFFERED": "1"} | (extra or {})


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
