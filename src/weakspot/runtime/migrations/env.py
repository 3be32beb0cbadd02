"""Alembic's entry: runs revisions on the connection that ``runtime.migrate`` gives, or on ``WEAKSPOT_DATABASE_URL``.

The metadata is complete only once every context's tables are imported; ``weakspot.runtime`` may not import them
(layers), so
the caller names them in the ``tables`` attribute, and the command line finds them by their file name.
"""

from __future__ import annotations

import importlib
import os
import pkgutil

from alembic import context

import weakspot
from weakspot.runtime.database import metadata, write_engine

for module in pkgutil.walk_packages(weakspot.__path__, "weakspot."):
    if module.name.endswith(".tables") or module.name == "weakspot.runtime.changes":
        importlib.import_module(module.name)


def run(connection: object) -> None:
    """Run the revisions in one transaction, on SQLite too."""
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=True,
        compare_server_default=False,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = write_engine(os.environ.get("WEAKSPOT_DATABASE_URL", "sqlite:///build/migrations.db"))
    with engine.connect() as own, own.begin():
        run(own)
