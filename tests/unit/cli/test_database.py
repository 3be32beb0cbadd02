"""weakspot.cli.database: what it refuses, and a move to PostgreSQL in one process. There and back with real servers is
in tests/integration/postgres.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.postgres import Cluster
from tests.unit.cli.support import run
from weakspot.runtime import settings
from weakspot.runtime.server import DataFolder


@pytest.mark.parametrize(
    ("target", "told"),
    [("mysql://h/n", "starts with postgresql://"), ("", "starts with postgresql://"), ("embedded", "database in use")],
)
def test_what_cannot_be_a_target_is_refused(tmp_path: Path, target: str, told: str) -> None:
    done = run("--data", str(tmp_path), "database", "move", "--to", target)
    assert (done.status, told in done.err) == (2, True), done.err
    assert not DataFolder(tmp_path).is_in_use()


@pytest.mark.postgresql
def test_the_data_folder_remembers_where_its_data_went(
    tmp_path: Path, postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEAKSPOT_DATABASE_URL", raising=False)
    name = postgres_cluster.create()
    url = postgres_cluster.url(name)
    try:
        done = run("--data", str(tmp_path), "database", "move", "--to", url)
        assert done.status == 0, done.err
        assert settings.load({}, data=tmp_path).url == url
        assert settings.load({}, data=tmp_path, database_url="sqlite:////x.db").url == "sqlite:////x.db"
        assert sorted(path.name for path in tmp_path.glob("weakspot.db*")) == ["weakspot.db.moved"]
    finally:
        postgres_cluster.drop(name)
