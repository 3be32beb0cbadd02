"""A world for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    """An empty world."""
    found = World(tmp_path)
    yield found
    found.close()
