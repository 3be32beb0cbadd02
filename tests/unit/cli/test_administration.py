"""weakspot.cli.administration: API tokens on a terminal."""

from __future__ import annotations

from pathlib import Path

from tests.support.served import migrated
from tests.unit.cli.support import run


def test_a_token_is_made_listed_and_revoked(tmp_path: Path) -> None:
    (tmp_path / "weakspot.db").write_bytes(migrated())
    data = ("--data", str(tmp_path))
    made = run(*data, "token", "create", "importer")
    assert made.status == 0, made.err
    assert run(*data, "token", "revoke", "1").out == "token 1 revoked\n"
    listed = run(*data, "token", "list").out
    assert "importer" in listed
    assert "revoked" in listed
    assert made.out.strip() not in listed
