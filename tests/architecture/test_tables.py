"""Every table says what kind of data it holds, and the migrations give the tables that the code declares."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import weakspot
from tests.support.databases import database_url
from weakspot.runtime import migrate
from weakspot.runtime.database import metadata, write_engine

KINDS = ("asserted", "derived", "recorded", "decided")
NOT_OF_A_CONTEXT = {"changes"}
"""The outbox belongs to the runtime and to all contexts."""


def owners() -> dict[str, str]:
    """Table -> context that declares it."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(weakspot.__path__, "weakspot."):
        if module.name.endswith(".tables"):
            context = module.name.split(".")[1]
            loaded = importlib.import_module(module.name)
            found |= {v.name: context for v in vars(loaded).values() if isinstance(v, sa.Table)}
    return found


OWNERS = owners()
TABLES = sorted(metadata.tables)


@pytest.mark.parametrize("name", TABLES)
def test_the_kind_of_data_is_stated(name: str) -> None:
    kind, colon, text = (metadata.tables[name].comment or "").partition(": ")
    assert kind in KINDS, f"{name}: start its comment with asserted(), derived(), recorded() or decided()"
    assert colon
    assert len(text) > 10, f"{name}: say in a few words what it holds"


@pytest.mark.parametrize("name", sorted(set(TABLES) - NOT_OF_A_CONTEXT))
def test_a_table_is_named_after_its_context(name: str) -> None:
    assert name.startswith(OWNERS[name] + "_")


@pytest.mark.parametrize("name", TABLES)
def test_moments_are_whole_microseconds(name: str) -> None:
    for column in metadata.tables[name].columns:
        if column.name.endswith("_at") or column.name in ("at", "since", "until"):
            is_date = isinstance(column.type, sa.Text) and "date" in (column.comment or "")
            assert is_date or isinstance(column.type, sa.BigInteger), f"{name}.{column.name}"


def test_the_migrations_give_the_tables_of_the_code(tmp_path: Path, dialect: str) -> None:
    url = database_url(tmp_path / "migrated.db")
    migrate.upgrade(url)
    engine = write_engine(url)
    try:
        with engine.connect() as conn:
            found = compare_metadata(MigrationContext.configure(conn), metadata)
    finally:
        engine.dispose()
    assert found == [], "make a revision: docs/how-to/change-the-schema.md"
