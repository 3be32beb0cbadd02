"""weakspot.cli.derived, without a server."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.support import run
from weakspot.runtime.server import DataFolder


def test_check_and_rebuild_without_a_server(tmp_path: Path) -> None:
    checked = run("--data", str(tmp_path), "check")
    assert checked.status == 0
    assert "matches          equal" in checked.out
    assert "exact at change" in checked.out
    rebuilt = run("--data", str(tmp_path), "rebuild")
    assert (rebuilt.status, rebuilt.out) == (0, "rebuilt; 0 software versions changed\n")
    assert not DataFolder(tmp_path).is_in_use()
