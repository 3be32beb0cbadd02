"""Servers on a PostgreSQL of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import Cluster


@pytest.fixture
def url(postgres_cluster: Cluster) -> Iterator[str]:
    """A new, empty database, as an administrator writes it."""
    name = postgres_cluster.create()
    yield postgres_cluster.url(name).replace("postgresql+psycopg://", "postgresql://")
    postgres_cluster.drop(name)
