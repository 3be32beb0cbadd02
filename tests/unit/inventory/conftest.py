"""An inventory for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.inventory.support import Inventory


@pytest.fixture
def inv(tmp_path: Path, dialect: str) -> Iterator[Inventory]:
    """An empty inventory."""
    found = Inventory(tmp_path)
    yield found
    found.close()
