"""Kill -9 of PostgreSQL under load: what was acknowledged is there, and everything goes on by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.lost_database import survive
from tests.support.postgres import MISSING, programs

pytestmark = pytest.mark.postgresql


@pytest.mark.full
@pytest.mark.parametrize(
    ("kills", "seed"), [(2, 5), pytest.param(30, 11, marks=(pytest.mark.full, pytest.mark.timeout(1800)))]
)
def test_reports_survive_the_end_of_the_database(tmp_path: Path, kills: int, seed: int) -> None:
    if programs() is None:
        pytest.skip(MISSING)
    assert survive(tmp_path / "data", kills, seed) >= kills
