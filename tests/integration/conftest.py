"""Servers for integration tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import ServerProcess, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One running server for the tests of a file; each uses devices of its own."""
    with running(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path, later_dialect: str) -> Path:
    """A data folder that does not exist yet; its server's database is the one or the other."""
    return tmp_path / "data"
