"""A PostgreSQL cluster of the tests' own: in a temporary folder, as an unprivileged user, ended with the tests.

Databases are copies of templates, so that a test with the whole schema costs some 40 ms. The cluster orders text by
the rules of a language, not by bytes: what relies on the order of bytes shows.
"""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from weakspot.runtime.database import Database

MISSING = "PostgreSQL 15 or newer is not installed: apt install postgresql"
USER = "weakspot"
_PREFIX = "weakspot-pg-"
_START_SECONDS = 60.0
_SETTINGS = {
    "fsync": "off",  # tests kill processes, not machines
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
    "timezone": "UTC",
}


@functools.cache
def programs() -> Path | None:
    """Folder of initdb and postgres; None when PostgreSQL is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        folders.append(Path(found).resolve().parent)
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


def end_orphans() -> None:
    """End clusters whose tests were killed before they could do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if Path("/proc", (folder / "tests-pid").read_text()).exists():
                continue
            server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            if str(folder).encode() in Path(f"/proc/{server}/cmdline").read_bytes():
                os.kill(server, signal.SIGQUIT)
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError, IndexError):
            continue  # still being made, or its server ended by itself


class Cluster:
    """One running server. ``url(name)`` of a database that ``create`` made. fsync: "on" to measure the disk too."""

    def __init__(self, fsync: str = "off") -> None:
        self._fsync = fsync
        end_orphans()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (self.folder / "tests-pid").write_text(str(os.getpid()))
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        self._log.touch()
        self._owner = _unprivileged()
        if self._owner is not None:
            for path in (self.folder, self._log):
                shutil.chown(path, self._owner)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._templates: dict[str, str] = {}
        self._number = 0
        self._lock = threading.Lock()
        self._run(
            "initdb", "--pgdata", str(self._data), "--username", USER, "--auth", "trust", "--encoding", "UTF8",
            "--locale-provider", "icu", "--icu-locale", "en-US", "--locale", "C.UTF-8", "--no-sync",
            "--no-instructions",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server, after a ``kill`` too, and wait until it answers."""
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            **_SETTINGS,
            "fsync": self._fsync,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        program = str(self._bin() / "postgres")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-D", str(self._data), *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=self._owner,
                group=self._group(),
                extra_groups=None if self._owner is None else [],
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._admin("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"PostgreSQL did not start: {self._log.read_text()[-2000:]}") from error
                time.sleep(0.02)

    def kill(self) -> None:
        """End every process of the server at once, as a power cut does."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (self._process.pid, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()

    def close(self) -> None:
        """End the server and delete its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, template: str = "", fill: Callable[[Database], object] | None = None, *, options: str = "") -> str:
        """A new database. ``template``: name of what it starts with; ``fill`` makes that, the first time."""
        with self._lock:
            source = "template0"
            if template:
                if template not in self._templates:
                    self._templates[template] = self._new("template0")
                    assert fill is not None
                    database = Database(self.url(self._templates[template]), readers=1)
                    try:
                        fill(database)
                    finally:
                        database.close()
                source = self._templates[template]
            return self._new(source, options)

    def drop(self, name: str) -> None:
        """Delete a database; who is still connected is thrown out."""
        self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Where a database is, over loopback."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def _new(self, template: str, options: str = "") -> str:
        self._number += 1
        name = f"test_{self._number}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        return name

    def _admin(self, statement: str) -> None:
        where = f"host={self.folder} port={self.port} user={USER} dbname=postgres"
        with psycopg.connect(where, autocommit=True) as conn:
            conn.execute(statement)  # type: ignore[arg-type]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin() / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            user=self._owner,
            group=self._group(),
            extra_groups=None if self._owner is None else [],
            cwd="/",
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _bin(self) -> Path:
        found = programs()
        assert found is not None, MISSING
        return found

    def _group(self) -> int | None:
        return None if self._owner is None else pwd.getpwnam(self._owner).pw_gid


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; None: this user will do."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
