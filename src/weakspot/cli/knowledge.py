"""The knowledge that ``scan`` and ``match`` judge by, without a server."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from weakspot import intel, matching, workflows
from weakspot.cli.feeds import ProgressLine
from weakspot.runtime import migrate
from weakspot.runtime.database import Database, sqlite_url
from weakspot.runtime.errors import NotFound
from weakspot.runtime.server import DataFolder
from weakspot.runtime.settings import Settings
from weakspot.workflows import Services


@contextlib.contextmanager
def open_knowledge(settings: Settings, mirror: Path | None, data: Path | None = None) -> Iterator[Database]:
    """A database whose knowledge is loaded.

    mirror: read this folder; what was read once is kept in the user's cache folder, so that the next run takes only
    what changed. data: a data folder, used as it is. Neither: the settings' data folder if it has knowledge, else the
    starter facts. Raises NotFound when ``data`` holds no database, Conflict when it is of another version.
    """
    matching.use_catalogue(settings.data / matching.CATALOGUE_FOLDER)
    if mirror is not None:
        with _mirrored(mirror) as database:
            yield database
        return
    url = settings.url if data is None else sqlite_url(data / "weakspot.db")
    is_there = not url.startswith("sqlite") or Path(url.removeprefix("sqlite:///")).exists()
    if data is not None and not is_there:
        raise NotFound(f"{data} holds no Weakspot database; give a data folder or --mirror.")
    if is_there:
        migrate.require_current(url)
        with contextlib.closing(Database(url, readers=2)) as database:
            with database.read() as conn:
                is_loaded = intel.current_version(conn) > 0
            if is_loaded or data is not None:
                yield database
                return
    with _starter() as database:
        yield database


@contextlib.contextmanager
def _mirrored(mirror: Path) -> Iterator[Database]:
    """The cache of a mirror, brought up to date by one command at a time; judging needs no turn."""
    cache = _cache_folder() / hashlib.sha256(str(mirror.resolve()).encode()).hexdigest()[:16]
    folder = DataFolder(cache)
    folder.acquire(lambda: click.echo(f"another command reads {mirror} now; waiting until it has", err=True))
    with contextlib.ExitStack() as stack:
        try:
            database = stack.enter_context(_database(cache))
            with ProgressLine() as line:
                for outcome in workflows.sync_feeds(Services(database, cache), (), mirror, line.tell):
                    line.tell({"outcome": msgspec.to_builtins(outcome)})
        finally:
            folder.release()
        yield database


@contextlib.contextmanager
def _starter() -> Iterator[Database]:
    click.echo(f"no feeds are loaded; judging by the starter knowledge of {intel.starter_date()}", err=True)
    with tempfile.TemporaryDirectory(prefix="weakspot-") as name, _database(Path(name)) as database:
        list(workflows.apply_knowledge(Services(database, Path(name)), workflows.starter_knowledge(), lambda *_: None))
        yield database


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[Database]:
    url = sqlite_url(folder / "weakspot.db")
    migrate.upgrade(url)
    with contextlib.closing(Database(url, readers=2)) as database:
        intel.discard_unpublished(database)
        yield database


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "weakspot"
