"""Intelligence carried in a file: from one instance's command line to another's knowledge."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.test_feeds import drop
from tests.support.server import run_cli, running


@pytest.mark.full
def test_a_bundle_goes_from_one_instance_to_another(tmp_path: Path) -> None:
    mirror, whole, delta = tmp_path / "mirror", tmp_path / "whole.zip", tmp_path / "delta.zip"
    drop(mirror, "TEST-2099-0001", "alpha")
    written = run_cli(tmp_path / "here", "feeds", "bundle", "--mirror", str(mirror), str(whole))
    assert written.returncode == 0, written.stderr
    found = re.search(r"signed by ([0-9a-f]{64})", written.stdout)
    assert found
    with running(tmp_path / "there") as server:
        refused = server.cli("feeds", "import", str(whole))
        assert refused.returncode != 0
        assert found[1] in refused.stderr
        taken = server.cli("feeds", "import", "--trust", found[1], str(whole))
        assert taken.returncode == 0, taken.stderr
        assert "own: succeeded (1 added)" in taken.stderr
        drop(mirror, "TEST-2099-0002", "beta")
        run_cli(tmp_path / "here", "feeds", "bundle", "--mirror", str(mirror), "--since", str(whole), str(delta))
        taken = server.cli("feeds", "import", str(delta))
        assert taken.returncode == 0, taken.stderr
        assert "1 of them new" in taken.stdout
        assert server.get("/api/v1/knowledge")["version"] > 1
        assert server.cli("vuln", "show", "TEST-2099-0002").returncode == 0
