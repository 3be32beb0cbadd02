"""``weakspot database move``: from the embedded database to PostgreSQL, and back."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from weakspot.cli.backend import connect
from weakspot.cli.context import CliContext
from weakspot.runtime import moving
from weakspot.runtime.database import Database, sqlite_url
from weakspot.runtime.engine import connectable, without_password
from weakspot.runtime.errors import Conflict, InvalidField, Unavailable
from weakspot.runtime.leadership import Leadership
from weakspot.runtime.secrets import write_private
from weakspot.runtime.server import DataFolder
from weakspot.runtime.settings import MOVED_TO, PREFIX, Settings

EMBEDDED = "embedded"
_FILE = "weakspot.db"


@click.group()
def database() -> None:
    """Where the data is."""


@database.command()
@click.option("--to", "target", required=True, help="postgresql://USER@HOST/NAME, or: embedded (the data folder).")
@click.pass_obj
def move(context: CliContext, target: str) -> None:
    """Move everything to another, empty database, prove that nothing is missing, and use that one from then on.

    Stop the server first. The old database is kept as it is: delete it when you no longer want it.
    """
    from weakspot import app  # noqa: F401 - all tables belong to the schema only once all contexts are loaded

    settings = context.settings()
    url = _target(settings, target)
    folder = DataFolder(settings.data)
    folder.acquire()
    try:
        with _unused_by_servers(settings.url), _unused_by_servers(url):
            click.echo(f"==> moving to {without_password(url)}")
            moved = moving.move(settings.url, url, _Told())
    finally:
        folder.release()
    click.echo(f"==> {moved.rows:,} rows of {moved.tables} tables are there, each compared")
    _check(msgspec.structs.replace(settings, database_url=url))
    _use(settings, url)


def _target(settings: Settings, given: str) -> str:
    embedded = settings.data / _FILE
    if given == EMBEDDED:
        url = sqlite_url(embedded)
        if url != settings.url and embedded.exists():
            raise Conflict(f"{embedded} is there already; move it away first.")
    else:
        url = connectable(given)
        if not url.startswith("postgresql+psycopg://"):
            raise InvalidField(f"--to takes a URL that starts with postgresql://, or the word {EMBEDDED}.")
    if url == settings.url:
        raise Conflict("That is the database in use.")
    return url


@contextlib.contextmanager
def _unused_by_servers(url: str) -> Iterator[None]:
    """Hold the lead, so that no server has it and none begins."""
    if url.startswith("sqlite"):
        yield
        return
    opened = Database(url, readers=1)
    leadership = Leadership(opened)
    try:
        with opened.read():
            pass  # raises Unavailable, which says more than not leading
        if not leadership.is_leader():
            raise Unavailable(f"A server uses {without_password(url)}; stop it first.")
        yield
    finally:
        leadership.close()
        opened.close()


class _Told:
    """A line for each table as it begins."""

    def __init__(self) -> None:
        self._table = ""

    def __call__(self, table: str, _rows: int) -> None:
        if table != self._table:
            self._table = table
            click.echo(f"==> {table}")


def _check(settings: Settings) -> None:
    click.echo("==> deriving everything again there (weakspot check)")
    with connect(settings) as backend:
        answer = backend.get("/api/v1/admin/check")
    if not answer["is_exact"]:
        for line in answer["differences"]:
            click.echo(f"  {line}", err=True)
        raise Conflict("What follows from the moved data is not what was moved; the old database stays in use.")
    click.echo(f"==> exact at change {answer['seq']}")


def _use(settings: Settings, url: str) -> None:
    pointer = settings.data / MOVED_TO
    if url == sqlite_url(settings.data / _FILE):
        pointer.unlink(missing_ok=True)
    else:
        write_private(pointer, url)
    old = settings.data / _FILE
    if settings.url == sqlite_url(old):
        kept = _free_name(old)
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{old}{suffix}").rename(f"{kept}{suffix}")
        click.echo(f"The old database is kept as {kept}.")
    click.echo(f"Weakspot uses {without_password(url)} from now on.")
    if os.environ.get(f"{PREFIX}DATABASE_URL"):
        click.echo(f"Change {PREFIX}DATABASE_URL too: it is set, and it counts more than the move.", err=True)


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.moved{number or ''}") for number in range(1_000))
    return next(name for name in names if not name.exists())
