"""Bring a database to the schema of this version, in one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from weakspot.runtime.database import read_engine, write_engine
from weakspot.runtime.errors import Conflict


def require_current(url: str) -> None:
    """For those who only read: raises Conflict when the database has the schema of another version."""
    engine = read_engine(url)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    if revision != head(_config()):
        raise Conflict(
            "The data folder has the schema of another Weakspot; start this one's server on it once, or choose another."
        )


def upgrade(url: str) -> None:
    """Run the revisions that are missing. Raises Conflict for a database that a newer version has used."""
    config = _config()
    engine = write_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            config.attributes["connection"] = connection
            if MigrationContext.configure(connection).get_current_revision() == head(config):
                return
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise Conflict(
                    "The data folder was used by a newer Weakspot; install that version again, "
                    "or choose another folder."
                ) from error
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def head(config: Config) -> str | None:
    """The newest revision."""
    return ScriptDirectory.from_config(config).get_current_head()
