"""Profiles are kept, changed and removed, and every change is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.databases import database_url
from weakspot.posture import baselines
from weakspot.posture.baselines import BASELINES_CHANGED, Profile, service
from weakspot.runtime import changes
from weakspot.runtime.database import Database, metadata
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

ONE, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    made = Database(database_url(tmp_path / "baselines.db"))
    made.write(metadata.create_all)
    yield made
    made.close()


def profile(name: str = "Servers", **fields: Any) -> Profile:
    values = {"name": name, "platform": "linux", "configurations": [{"check_id": "check-linux-aslr"}]} | fields
    return msgspec.convert(values, Profile)


def test_a_profile_comes_changes_and_goes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.read() as conn:
        before = changes.last_seq(conn)
    database.write(lambda conn: baselines.add(conn, ONE, profile(), "user:1:ada", 5))
    changed = database.write(lambda conn: baselines.change(conn, ONE.upper(), profile(level="L2"), "user:2:bob", 6))
    assert (changed.profile.level, changed.created_by, changed.changed_by, changed.changed_at) == (
        "L2", "user:1:ada", "user:2:bob", 6,
    )  # fmt: skip
    with pytest.raises(Conflict, match="of this name"):
        database.write(lambda conn: baselines.add(conn, OTHER, profile(" Servers "), "user:1:ada", 7))
    with pytest.raises(InvalidField):
        database.write(lambda conn: baselines.add(conn, OTHER, profile(" "), "user:1:ada", 7))
    monkeypatch.setattr(service, "MAX_BASELINES", 1)
    with pytest.raises(Conflict, match="already"):
        database.write(lambda conn: baselines.add(conn, OTHER, profile("Other"), "user:1:ada", 7))
    database.write(lambda conn: baselines.remove(conn, ONE, 8))
    with pytest.raises(NotFound):
        database.write(lambda conn: baselines.remove(conn, ONE, 9))
    with database.read() as conn:
        assert baselines.baselines(conn) == []
        told = [one.payload["action"] for one in changes.since(conn, before) if one.kind == BASELINES_CHANGED]
    assert told == ["add", "change", "remove"]
