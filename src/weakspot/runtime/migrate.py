"""Bring a database to the schema of this version, in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection

from weakspot.runtime.bulk import after_given_ids
from weakspot.runtime.database import metadata, read_engine, write_engine
from weakspot.runtime.errors import Conflict

OLDEST_POSTGRESQL = 15
_MIGRATING = 0x5745414D  # held while a process looks at the revision and changes it


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
            _prepare(connection)
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
            for name in sa.inspect(connection).get_table_names():
                if name in metadata.tables:
                    after_given_ids(connection, metadata.tables[name])  # revisions give some rows their ids
    finally:
        engine.dispose()


def _prepare(connection: Connection) -> None:
    """One process migrates at a time, and only a database that can hold our text."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
    version, encoding = (
        str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
        for name in ("server_version_num", "server_encoding")
    )
    if int(version) < OLDEST_POSTGRESQL * 10_000:
        raise Conflict(f"PostgreSQL {OLDEST_POSTGRESQL} or newer is needed; this is {int(version) // 10_000}.")
    if encoding != "UTF8":
        raise Conflict(f"The database has the encoding {encoding}; create one with ENCODING 'UTF8'.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def head(config: Config) -> str | None:
    """The newest revision."""
    return ScriptDirectory.from_config(config).get_current_head()
