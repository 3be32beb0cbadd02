"""One small fleet for all tests that only read, and an empty world for those that change it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.world import World
from tests.unit.queries.fleet import SmallFleet


@pytest.fixture(scope="package")
def fleet(tmp_path_factory: pytest.TempPathFactory, package_dialect: str) -> Iterator[SmallFleet]:
    """Read only: tests share it."""
    made = World(tmp_path_factory.mktemp("fleet"))
    try:
        yield SmallFleet(made)
    finally:
        made.close()


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, dialect: str) -> Iterator[World]:
    """Empty, the test's own."""
    made = World(tmp_path_factory.mktemp("world"))
    try:
        yield made
    finally:
        made.close()
